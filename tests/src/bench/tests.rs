use super::explain::{behind, missing, steep};
use super::model::{Better, Entry, Report, Role, Table, curves};
use super::options::{Options, SECTIONS};
use super::{fit, markdown, number, page, plot, raw, readme, stats};

fn entry(name: &str, role: Role, values: &[f64]) -> Entry {
    Entry { name: name.into(), role, values: values.into(), failed: None }
}

fn table(anchor: &str, better: Better, entries: Vec<Entry>) -> Table {
    Table {
        anchor: anchor.into(),
        section: SECTIONS[0].0,
        title: format!("row {anchor} <&>"),
        unit: "µs",
        better,
        curve: None,
        how: "by `hand <`.".into(),
        entries,
    }
}

fn pair(anchor: &str, ours: f64, theirs: f64) -> Table {
    let entries = vec![
        entry("chainit", Role::Ours, &[ours]),
        entry("slow peer", Role::Peer, &[theirs * 3.0]),
        entry("peer", Role::Peer, &[theirs]),
        entry("floor", Role::Floor, &[0.5]),
    ];
    table(anchor, Better::Less, entries)
}

#[test]
fn percentiles_are_nearest_ranks() {
    let values: Vec<f64> = (0..=10).rev().map(f64::from).collect();
    assert_eq!(stats::percentile(&values, 0), Some(0.0));
    assert_eq!(stats::percentile(&values, 10), Some(1.0));
    assert_eq!(stats::median(&values), Some(5.0));
    assert_eq!(stats::percentile(&values, 90), Some(9.0));
    assert_eq!(stats::percentile(&values, 100), Some(10.0));
    assert_eq!(stats::median(&[7.0]), Some(7.0));
    assert_eq!(stats::median(&[]), None);
}

#[test]
fn a_power_law_is_found_again() {
    let points: Vec<(f64, f64)> =
        [10.0, 100.0, 1000.0].iter().map(|n: &f64| (*n, 3.0 * n.powf(1.5))).collect();
    let found = fit::power(&points).unwrap();
    assert!((found.exponent - 1.5).abs() < 1e-9 && (found.factor - 3.0).abs() < 1e-9, "{found:?}");
    let flat = fit::power(&[(1.0, 4.0), (10.0, 4.0), (100.0, 4.0)]).unwrap();
    assert!(flat.exponent.abs() < 1e-9 && (flat.factor - 4.0).abs() < 1e-9, "{flat:?}");
    // The line through logs that lie on none: 0, 1, 1 over 0, 1, 2 has the slope 1/2.
    let bent = fit::power(&[(1.0, 1.0), (10.0, 10.0), (100.0, 10.0)]).unwrap();
    assert!((bent.exponent - 0.5).abs() < 1e-9, "{bent:?}");
}

#[test]
fn a_fit_needs_two_points_with_logarithms() {
    assert_eq!(fit::power(&[]), None);
    assert_eq!(fit::power(&[(10.0, 1.0)]), None);
    assert_eq!(fit::power(&[(10.0, 1.0), (10.0, 2.0)]), None);
    assert_eq!(fit::power(&[(0.0, 1.0), (10.0, 2.0), (100.0, 0.0)]), None);
}

#[test]
fn numbers_for_people() {
    for (value, text) in [
        (0.0, "0"),
        (0.1234, "0.123"),
        (1.0, "1.00"),
        (12.345, "12.3"),
        (999.6, "1,000"),
        (1234567.0, "1,234,567"),
        (-1234.0, "-1,234"),
        (0.999, "1.00"),
    ] {
        assert_eq!(number::short(value), text);
    }
    for (value, text) in [(0.01, "0.01"), (1000.0, "1000"), (10_000.0, "10k"), (1e6, "1M")] {
        assert_eq!(number::axis(value), text);
    }
}

#[test]
fn who_is_behind() {
    let tables = [pair("ahead", 1.0, 2.0), pair("level", 2.03, 2.0), pair("behind", 3.0, 2.0)];
    let reasons = [("behi", "pe", "because")];
    let rows = behind(&tables, &reasons);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].anchor.as_str(), rows[0].peer.as_str()), ("behind", "peer"));
    assert_eq!(rows[0].why, Some("because"));
    assert_eq!(behind(&tables, &[("behind", "slow", "x")])[0].why, None);
    let (best, median) = tables[0].best_peer().unwrap();
    assert_eq!((best.name.as_str(), median), ("peer", 2.0));
    assert_eq!(tables[0].ratio(&tables[0].entries[1]), Some(3.0));
    let mut more = pair("more", 3.0, 2.0);
    more.better = Better::More;
    assert_eq!(behind(&[more.clone()], &[])[0].peer, "slow peer");
    more.entries.remove(1);
    assert!(behind(&[more], &[]).is_empty());
}

fn points(values: [f64; 3]) -> Vec<Table> {
    let one = |(n, value): (f64, f64)| Table {
        curve: Some(("time of N things", n)),
        ..pair(&format!("n-{n}"), value, 1.0)
    };
    [0.0, 10.0, 100.0].into_iter().zip(values).map(one).collect()
}

#[test]
fn curves_go_through_their_tables() {
    let found = curves(&points([9.0, 10.0, 1000.0]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].anchor(), "curve-time-of-n-things");
    let ours = &found[0].lines[0];
    assert_eq!(ours.points, [(0.0, 9.0), (10.0, 10.0), (100.0, 1000.0)]);
    assert!((ours.fit.unwrap().exponent - 2.0).abs() < 1e-9);
    assert_eq!(steep(&found).len(), 1);
    assert!(steep(&curves(&points([9.0, 10.0, 100.0]))).is_empty());
    assert!(curves(&points([1.0, 2.0, 3.0])[..1]).is_empty());
}

#[test]
fn a_curve_names_only_who_is_on_it() {
    let mut tables = points([1.0, 2.0, 3.0]);
    tables[0].entries.push(entry("only without any", Role::Peer, &[1.0]));
    assert_eq!(tables[0].curve.unwrap().1, 0.0);
    let found = curves(&tables);
    assert!(found[0].lines.iter().all(|l| l.name != "only without any"), "{found:?}");
    assert_eq!(found[0].lines.len(), 4);
}

#[test]
fn what_failed_of_ours_is_told() {
    let mut failed = pair("x", 1.0, 1.0);
    failed.entries[0].values.clear();
    failed.entries[0].failed = Some("no kernel".into());
    failed.entries[2].values.clear();
    assert_eq!(missing(&[failed.clone(), pair("y", 1.0, 1.0)]), ["x: chainit: no kernel"]);
    assert!(behind(&[failed], &[]).is_empty());
}

fn report() -> Report {
    let mut report = Report { tables: points([1.0, 2.0, 300.0]), ..Report::default() };
    report.tables[0].entries[1].values.clear();
    report.tables[0].entries[1].failed = Some("died | of <this>".into());
    report
}

/// Tags in their order, each closed by what it began with.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.split_whitespace().next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{svg}"),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty() && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn pictures() {
    let report = report();
    let drawn = plot::curve(&curves(&report.tables)[0]);
    well_formed(&drawn);
    assert!(drawn.contains("N^2.18"), "{drawn}");
    // N = 0 has no place; 10 and 100 are at the ends of the scale.
    assert!(drawn.contains("cx=\"70.0\"") && drawn.contains("cx=\"550.0\""), "{drawn}");
    for table in &report.tables {
        let bars = plot::bars(table);
        well_formed(&bars);
        assert!(bars.contains("row n-") && bars.contains("&lt;&amp;&gt;"), "{bars}");
    }
    assert!(plot::bars(&report.tables[2]).contains("logarithmic"));
    assert!(!plot::bars(&report.tables[1]).contains("logarithmic"));
    assert_eq!(plot::bars(&table("none", Better::Less, Vec::new())), "");
}

#[test]
fn pages_have_a_row_for_each() {
    let report = report();
    let (curves, behind) = (curves(&report.tables), behind(&report.tables, &[]));
    let text = markdown::page(&report, &curves, &behind, "beside");
    for anchor in ["n-0", "n-10", "n-100", "behind", "curve-time-of-n-things"] {
        assert_eq!(text.matches(&format!("<a id=\"{anchor}\">")).count(), 1, "{anchor}\n{text}");
    }
    assert!(text.contains("| slow peer | died \\| of <this> | | | | |"), "{text}");
    assert!(text.contains("300.00 of peer: **nobody has said why yet**"), "{text}");
    assert!(text.contains("| **chainit** | 300 | 300 | 300 | 300.00 | 1 |"), "{text}");
    assert!(text.contains("| floor | 0.500 | 0.500 | 0.500 | floor | 1 |"), "{text}");
    let html = page::page(&report, &curves, &behind);
    assert!(html.contains("by <code>hand &lt;</code>."), "{html}");
    assert!(html.contains("died | of &lt;this&gt;") && html.contains("id=\"n-100\""), "{html}");
}

#[test]
fn raw_data_can_be_read_back() {
    let mut report = report();
    report.tables[1].title = "a, \"b\"\\".into();
    let csv = raw::csv(&report);
    // Four contestants of three rounds, but for the one that failed; and the head.
    assert_eq!(csv.lines().count(), 12, "{csv}");
    assert!(csv.contains("start,n-10,\"a, \"\"b\"\"\\\",10,µs,peer,peer,0,1\n"), "{csv}");
    let json = raw::json(&report);
    assert!(json.contains(r#""title": "a, \"b\"\\""#), "{json}");
    assert!(json.contains(r#""failed": "died | of <this>", "values": []"#), "{json}");
    assert_eq!(raw::text("\u{1}\n\t"), r#""\u0001\n\t""#);
}

#[test]
fn options() {
    let parse = |args: &[&str]| Options::parse(args.iter().map(|a| (*a).to_owned()));
    let options = parse(&["--bench", "--only", "start,size", "--quick"]).unwrap();
    assert!(options.wants("start") && options.wants("size") && !options.wants("graph"));
    assert!(options.quick && !options.whole());
    assert!(parse(&[]).unwrap().whole() && parse(&["--install"]).unwrap().whole());
    assert!(parse(&["--only", "nothing"]).unwrap_err().contains("container"));
    assert!(parse(&["--only"]).is_err() && parse(&["start"]).is_err());
}

#[test]
fn the_readme_is_written_between_its_marks() {
    let text = "a\n<!-- figures -->\nold\n<!-- /figures -->\nb\n";
    let new = readme::replaced(text, "new\n").unwrap();
    assert_eq!(new, "a\n<!-- figures -->\nnew\n<!-- /figures -->\nb\n");
    assert_eq!(readme::replaced("nothing", "x"), None);
    let report = Report { tables: vec![pair("start-0", 1.0, 2.0)], ..Report::default() };
    let figures = readme::figures(&report);
    assert!(
        figures.contains("(BENCHMARKS.md#start-0) | 1.00 µs | peer, 2.00 µs | 0.50 |"),
        "{figures}"
    );
    assert_eq!(readme::links(&figures), ["start-0"]);
}

#[test]
fn each_claim_of_the_readme_leads_to_its_row() {
    let root = crate::build::root();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let page = std::fs::read_to_string(root.join("BENCHMARKS.md")).unwrap();
    let links = readme::links(&readme);
    assert!(!links.is_empty());
    for anchor in links {
        assert!(page.contains(&format!("<a id=\"{anchor}\"></a>")), "no row {anchor}");
    }
}
