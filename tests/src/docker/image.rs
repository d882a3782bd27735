//! Images, from a Dockerfile and the tarballs, as their users build them.

use super::docker_ok;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// An image that is removed at the end.
pub struct Image {
    tag: String,
    dir: PathBuf,
}

/// The steps of s6-overlay's own README, with our tarballs.
const DOCKERFILE: &str = "\
FROM @BASE@
COPY s6-overlay-*.tar.xz /tmp/
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz
RUN tar -C / -Jxpf /tmp/s6-overlay-@ARCH@.tar.xz
RUN tar -C / -Jxpf /tmp/s6-overlay-symlinks-noarch.tar.xz
RUN tar -C / -Jxpf /tmp/s6-overlay-symlinks-arch.tar.xz
COPY files/ /
ENTRYPOINT [\"/init\"]
";

impl Image {
    /// Builds an image of the busybox root, the tarballs and these files. A path that ends in
    /// `!` is made executable, without the `!`. `more`: further lines of the Dockerfile.
    pub fn build(name: &str, files: &[(&str, &str)], more: &str) -> Image {
        let made = Image::build_with(name, files, more, |_| Ok::<(), std::convert::Infallible>(()));
        match made {
            Ok(image) => image,
            Err(never) => match never {},
        }
    }

    /// [`Image::build`], where `add` may put further files below the root that it is given, or
    /// say why there can be no such image here.
    pub fn build_with<E>(
        name: &str,
        files: &[(&str, &str)],
        more: &str,
        add: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<Image, E> {
        Image::of(name, &(DOCKERFILE.to_owned() + more), files, add)
    }

    /// An image of a whole Dockerfile, beside which are the tarballs and, in `files/`, the files.
    /// `@BASE@` stands for the busybox root and `@ARCH@` for the architecture's name.
    pub fn of<E>(
        name: &str,
        dockerfile: &str,
        files: &[(&str, &str)],
        add: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<Image, E> {
        let dir =
            std::env::temp_dir().join(format!("chainit-docker-{name}-{}", std::process::id()));
        let context = dir.join("context");
        for (path, text) in files {
            write(&context.join("files"), path, text);
        }
        std::fs::create_dir_all(context.join("files")).unwrap();
        add(&context.join("files"))?;
        for tarball in std::fs::read_dir(tarballs()).unwrap() {
            let tarball = tarball.unwrap().path();
            if tarball.extension().is_some_and(|e| e == "xz") {
                std::fs::copy(&tarball, context.join(tarball.file_name().unwrap())).unwrap();
            }
        }
        let text = dockerfile.replace("@BASE@", base()).replace("@ARCH@", std::env::consts::ARCH);
        std::fs::write(context.join("Dockerfile"), text).unwrap();
        let tag = format!("chainit-test-{name}:{}", std::process::id());
        docker_ok(&["build", "-q", "-t", &tag, context.to_str().unwrap()]);
        Ok(Image { tag, dir })
    }

    /// The name by which docker knows it.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        super::docker(&["rmi", "-f", &self.tag]);
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Writes a file below a root, with the directories above it.
fn write(root: &Path, path: &str, text: &str) {
    let (path, mode) = path.strip_suffix('!').map_or((path, 0o644), |p| (p, 0o755));
    let path = root.join(path.trim_start_matches('/'));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
}

static TARBALLS: OnceLock<PathBuf> = OnceLock::new();
static BASE: OnceLock<String> = OnceLock::new();

/// Removes what the images of this process had in common.
pub fn clean() {
    if let Some(dir) = TARBALLS.get() {
        let _ = std::fs::remove_dir_all(dir);
    }
    if let Some(tag) = BASE.get() {
        super::docker(&["rmi", "-f", tag]);
    }
}

/// The tarballs, made once from the binary under test.
fn tarballs() -> &'static Path {
    TARBALLS.get_or_init(|| {
        let dir = std::env::temp_dir().join(format!("chainit-tarballs-{}", std::process::id()));
        let binary = crate::build::fused().expect("the binary under test");
        let made = Command::new(crate::build::root().join("init/overlay/make-tarballs"))
            .args(["--program".as_ref(), binary.as_os_str()])
            .args([std::env::consts::ARCH.as_ref(), dir.as_os_str()])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        dir
    })
}

/// The image that the others are built from: busybox, and users as everywhere.
fn base() -> &'static str {
    BASE.get_or_init(|| {
        let tag = format!("chainit-test-base:{}", std::process::id());
        let root = std::env::temp_dir().join(format!("chainit-base-{}", std::process::id()));
        for dir in ["bin", "etc", "usr/bin", "tmp", "root", "var", "run", "proc", "sys", "dev"] {
            std::fs::create_dir_all(root.join(dir)).unwrap();
        }
        std::fs::copy("/bin/busybox", root.join("bin/busybox")).expect("Debian's busybox-static");
        let list = Command::new("/bin/busybox").arg("--list").output().unwrap().stdout;
        for applet in String::from_utf8(list).unwrap().lines() {
            let _ = symlink("busybox", root.join("bin").join(applet));
        }
        write(&root, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nwww-data:x:33:33::/var/www:/bin/false\n");
        write(&root, "etc/group", "root:x:0:\nnogroup:x:65534:\nwww-data:x:33:\n");
        let import = Command::new("sh")
            .args(["-c", "tar -C \"$0\" -c . | docker import - \"$1\""])
            .arg(&root)
            .arg(&tag)
            .output()
            .unwrap();
        assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
        let _ = std::fs::remove_dir_all(&root);
        tag
    })
}

/// Debian packages, unpacked into a directory that a Dockerfile can copy; why not, if they can't
/// be had.
pub fn debian_programs(into: &Path, packages: &[&str]) -> Result<(), String> {
    let debs = into.with_extension("debs");
    std::fs::create_dir_all(&debs).unwrap();
    let get = Command::new("apt-get").arg("download").args(packages).current_dir(&debs).output();
    let get = get.map_err(|e| format!("apt-get: {e}"))?;
    if !get.status.success() {
        return Err(format!("apt-get download: {}", String::from_utf8_lossy(&get.stderr).trim()));
    }
    for deb in std::fs::read_dir(&debs).unwrap() {
        let unpacked = Command::new("dpkg").arg("-x").arg(deb.unwrap().path()).arg(into).status();
        assert!(unpacked.unwrap().success());
    }
    let _ = std::fs::remove_dir_all(&debs);
    Ok(())
}
