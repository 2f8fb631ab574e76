//! The same table written a second time, by hand: every sort of thing to show, everybody who may look.

use super::*;

/// y = is shown it, - = is not.
///
/// cus: the customer. agt: the agent who has it. par: a supervisor who takes part. sup: a supervisor who watches. adm:
/// an admin. adv, gue: a colleague whom its owner has asked into the notes, into the talk. can: an agent of its category
/// while it waits. onl: a colleague where tickets are shared. col: a colleague who took part. str: anybody else.
const SHOWN: &str = "
                 cus agt par sup adm adv gue can onl col str
    Opened        y   y   y   y   y   y   y   y   y   y   -
    Posted        y   y   y   y   y   y   y   y   y   y   -
    Assigned      y   y   y   y   y   y   y   y   y   y   -
    Advanced      y   y   y   y   y   y   y   y   y   y   -
    MemberAdded   y   y   y   y   y   y   y   y   y   y   -
    PhaseChanged  y   y   y   y   y   y   y   y   y   y   -
    CustomerTold  y   y   y   y   y   y   y   y   y   y   -
    AgentSilent   -   y   y   y   y   y   y   y   y   y   -
    Note          -   y   y   y   y   y   y   y   y   y   -
    Whisper       -   y   y   y   y   y   y   y   y   y   -
    WatchBegan    -   y   y   y   y   y   y   y   y   y   -
    WatchEnded    -   y   y   y   y   y   y   y   y   y   -
    Acted         -   y   y   y   y   y   y   y   y   y   -
    CategoryChanged y y   y   y   y   y   y   y   y   y   -
    Founded       y   y   y   y   y   y   y   y   y   y   -
    Entered       y   y   y   y   y   y   y   y   y   y   -
    Departed      y   y   y   y   y   y   y   y   y   y   -
    Ruled         y   y   y   y   y   y   y   y   y   y   -
    Moderated     -   y   y   y   y   y   y   y   y   y   -
    Typing        y   y   y   y   y   y   y   y   y   y   -
    Presence      y   y   y   y   y   y   y   y   y   y   -
    NoteTyping    -   y   y   y   y   y   y   y   y   y   -
    StaffHere     -   y   y   y   y   y   y   y   y   y   -
    ReadMark      y   y   y   y   y   y   y   y   y   y   -
";

fn standing(column: &str) -> Standing {
    match column {
        "cus" => Standing::Customer,
        "agt" => Standing::Agent,
        "par" => Standing::Partaker,
        "sup" => Standing::Supervisor,
        "adm" => Standing::Admin,
        "adv" => Standing::Adviser,
        "gue" => Standing::Guest,
        "can" => Standing::Candidate,
        "onl" => Standing::Onlooker,
        "col" => Standing::Colleague,
        "str" => Standing::Stranger,
        other => panic!("{other}"),
    }
}

/// C12, C13, C14
#[test]
fn every_cell_of_what_is_shown_to_whom_is_as_written_by_hand() {
    let mut lines = SHOWN.lines().filter(|line| !line.trim().is_empty());
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut sorts = Sort::ALL.iter();
    for line in lines {
        let mut words = line.split_whitespace();
        let (row, sort) = (words.next().unwrap(), *sorts.next().unwrap());
        assert_eq!(row, format!("{sort:?}"));
        for column in &columns {
            let expected = words.next().unwrap() == "y";
            assert_eq!(sees(sort, standing(column)), expected, "{row} to {column}");
        }
    }
    assert_eq!(sorts.next(), None);
}
