use super::*;
use crate::domain::history::Moment;

fn at(time: &str) -> Timestamp {
    crate::domain::tests::at(time)
}

fn life(began: &str, ended: Option<&str>) -> Life {
    Life {
        application: Some("wildside".parse().unwrap()),
        preview: "pr-7".parse().unwrap(),
        repository: "acme/wildside".parse().unwrap(),
        number: "7".parse().unwrap(),
        moments: Vec::new(),
        end: ended.map_or(End::StillUp { is_seen: true }, |ended| End::Removed { at: at(ended) }),
        began_at: Some(at(began)),
    }
}

fn moment(change: Told, time: &str, pushed: Option<&str>, digit: char) -> Moment {
    Moment {
        change,
        at: at(time),
        // One for each moment.
        apps_commit: format!("{:039x}{digit}", at(time).as_second()).parse().unwrap(),
        author: "Ada".to_owned(),
        commit: Some(crate::domain::tests::commit(digit)),
        generation: None,
        by: None,
        approved_by: None,
        run: None,
        reason: None,
        pushed_at: pushed.map(at),
    }
}

fn of(lives: Vec<Life>) -> Statistics {
    History { lives, ..History::default() }.statistics(&Filter::default())
}

#[test]
fn nothing_has_no_weeks_and_no_middle() {
    assert_eq!(of(Vec::new()), Statistics::default());
}

#[test]
fn weeks_begin_on_mondays_and_none_is_left_out() {
    let statistics = of(vec![
        life("2026-11-22T23:59:59Z", None),
        life("2026-11-23T00:00:00Z", None),
        life("2026-12-07T00:00:00Z", None),
        life("2026-12-13T23:00:00Z", None),
    ]);
    let weeks: Vec<_> = statistics.weeks.iter().map(|week| (week.monday.to_string(), week.put_up)).collect();
    let expected = [("2026-11-16", 1), ("2026-11-23", 1), ("2026-11-30", 0), ("2026-12-07", 2)];
    assert_eq!(weeks, expected.map(|(monday, put_up)| (monday.to_owned(), put_up)));
    assert_eq!((statistics.lives, statistics.up), (4, 4));
}

#[test]
fn clocks_that_are_centuries_off_make_no_weeks() {
    let mut lives: Vec<_> = (0..5).map(|_| life("2026-11-23T00:00:00Z", None)).collect();
    lives.extend([life("1970-01-01T00:00:00Z", None), life("9999-12-30T00:00:00Z", None)]);
    lives.push(Life { began_at: Some(Timestamp::MIN), ..life("1970-01-01T00:00:00Z", None) });
    let statistics = of(lives);
    assert_eq!(statistics.weeks.len(), 1);
    assert_eq!((statistics.weeks[0].put_up, statistics.lives), (5, 8));
}

#[test]
fn the_middle_of_an_even_count_is_between_the_two_in_the_middle() {
    let day = |hours: &str| life("2026-11-21T00:00:00Z", Some(&format!("2026-11-21T{hours}:00:00Z")));
    let middle = |lives: Vec<Life>| of(lives).life.map(|median| (median.length.as_hours(), median.of));
    assert_eq!(middle(vec![day("02"), day("20"), day("04")]), Some((4, 3)));
    assert_eq!(middle(vec![day("02"), day("20"), day("04"), day("08")]), Some((6, 4)));
    let backwards = life("2026-11-21T00:00:00Z", Some("2026-11-20T00:00:00Z"));
    let unknown = Life { began_at: None, ..day("02") };
    assert_eq!(middle(vec![backwards, unknown, day("03"), life("2026-11-21T00:00:00Z", None)]), Some((3, 1)));
}

#[test]
fn a_push_counts_up_to_the_first_commit_that_shows_it() {
    let moments = vec![
        moment(Told::PutUp, "2026-11-21T12:01:00Z", Some("2026-11-21T12:00:00Z"), 'a'),
        moment(Told::Updated, "2026-11-21T18:00:00Z", Some("2026-11-21T12:00:00Z"), 'a'),
        moment(Told::Updated, "2026-11-21T18:00:00Z", Some("2026-11-21T18:00:01Z"), 'b'),
        moment(Told::Updated, "2026-11-21T19:03:00Z", Some("2026-11-21T19:00:00Z"), 'c'),
        moment(Told::Updated, "2026-11-21T20:00:00Z", None, 'd'),
    ];
    let statistics = of(vec![Life { moments, ..life("2026-11-21T12:01:00Z", None) }]);
    let expected = Median { length: SignedDuration::from_mins(2), of: 2 };
    assert_eq!(statistics.push_to_commit, Some(expected));
}

#[test]
fn only_what_is_asked_for_is_left() {
    let early = life("2026-11-01T00:00:00Z", Some("2026-11-03T00:00:00Z"));
    let late = Life { number: "8".parse().unwrap(), ..life("2026-11-10T00:00:00Z", None) };
    let gone = Life { end: End::Unsaid, preview: "pr-9".parse().unwrap(), ..early.clone() };
    let nobody = Life { application: None, ..early.clone() };
    let history = History { lives: vec![early, late, gone, nobody], commits: 9, odd: Vec::new() };
    let left = |filter: Filter| history.clone().only(&filter).lives.len();
    let time = |time: &str| Some(at(time));
    assert_eq!(left(Filter::default()), 4);
    assert_eq!(left(Filter { since: time("2026-11-02T00:00:00Z"), ..Filter::default() }), 3);
    assert_eq!(left(Filter { since: time("2026-11-04T00:00:00Z"), ..Filter::default() }), 1);
    assert_eq!(left(Filter { until: time("2026-11-10T00:00:00Z"), ..Filter::default() }), 3);
    assert_eq!(left(Filter { application: Some("wildside".parse().unwrap()), ..Filter::default() }), 3);
    assert_eq!(left(Filter { application: Some("other".parse().unwrap()), ..Filter::default() }), 0);
    assert_eq!(left(Filter { pull_request: Some("8".parse().unwrap()), ..Filter::default() }), 1);
    assert_eq!(left(Filter { preview: Some("pr-9".parse().unwrap()), ..Filter::default() }), 1);
    let since = Filter { since: time("2026-11-02T00:00:00Z"), ..Filter::default() };
    let statistics = history.statistics(&since);
    assert_eq!((statistics.lives, statistics.weeks.len()), (3, 1), "what was put up before is no news");
}

#[test]
fn what_was_put_together_to_one_commit_is_in_no_median() {
    let together = |change| moment(change, "2026-11-22T12:00:00Z", Some("2026-11-01T12:00:00Z"), 'a');
    let moments = vec![together(Told::PutUp), together(Told::Updated), together(Told::Removed)];
    let life = Life { moments, ..life("2026-11-22T12:00:00Z", Some("2026-11-22T12:00:00Z")) };
    let statistics = of(vec![life]);
    assert_eq!((statistics.lives, statistics.life, statistics.push_to_commit), (1, None, None));
}
