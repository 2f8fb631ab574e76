//! What happened, in words: the last lines of it are printed with a failing seed.

use std::collections::VecDeque;

/// Lines that are kept; the environment variable `TRACE_LINES` asks for more.
const LINES_MAX: usize = 160;

/// The end of the story.
pub struct Trace {
    lines_max: usize,
    lines: VecDeque<String>,
    steps: usize,
    digest: u64,
}

impl Default for Trace {
    fn default() -> Trace {
        let asked = std::env::var("TRACE_LINES").ok().and_then(|lines| lines.parse().ok());
        Trace { lines_max: asked.unwrap_or(LINES_MAX), lines: VecDeque::new(), steps: 0, digest: 0 }
    }
}

impl Trace {
    /// Adds a line.
    pub fn note(&mut self, line: String) {
        for byte in line.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if self.lines.len() == self.lines_max {
            self.lines.pop_front();
        }
        self.lines.push_back(format!("{:>6}  {line}", self.steps));
    }

    /// Another step begins.
    pub fn step(&mut self) {
        self.steps += 1;
    }

    /// Steps so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// A number that two runs share only if they went the same way.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The last lines.
    pub fn tail(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}
