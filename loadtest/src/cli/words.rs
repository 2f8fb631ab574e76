//! The command as it was given, for the report: so that it can be given again.

/// Its words, quoted as a shell needs them. The password is not told.
pub fn command(arguments: impl IntoIterator<Item = String>) -> String {
    let (mut words, mut secret) = (Vec::new(), false);
    for argument in arguments {
        words.push(match (secret, argument.strip_prefix("--password=")) {
            (true, _) => "…".to_owned(),
            (false, Some(_)) => "--password=…".to_owned(),
            (false, None) => quoted(&argument),
        });
        secret = !secret && argument == "--password";
    }
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=,@+%".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_so_that_it_can_be_given_again_but_for_its_password() {
        let rows = [
            (vec!["chat", "--rate", "5"], "chat --rate 5"),
            (vec!["chat", "--threshold", "deliver.p99<20ms"], "chat --threshold 'deliver.p99<20ms'"),
            (vec!["chat", "--category", "it's", ""], r"chat --category 'it'\''s' ''"),
            (vec!["--password", "secret", "--rate", "5"], "--password … --rate 5"),
            (vec!["--password", "--password", "x"], "--password … x"),
            (vec!["--password=secret", "x"], "--password=… x"),
        ];
        for (arguments, told) in rows {
            assert_eq!(command(arguments.iter().map(|word| (*word).to_owned())), told);
        }
    }
}
