//! A real engine: the program itself, on a real directory, killed and started again at will.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running `deskwire demo`.
pub struct Engine {
    data: TempDir,
    settings: Vec<(String, String)>,
    child: Child,
    log: Receiver<String>,
    /// Everything it logged so far, as read.
    pub said: Vec<String>,
    /// Where customers and staff come in.
    pub address: SocketAddr,
    /// Where operators look.
    pub ops: SocketAddr,
}

impl Engine {
    /// One on a new directory.
    pub fn start() -> Engine {
        Engine::with(&[])
    }

    /// One with settings, as environment variables without their `DESKWIRE_`.
    pub fn with(settings: &[(&str, &str)]) -> Engine {
        let data = TempDir::new().unwrap();
        let settings: Vec<(String, String)> =
            settings.iter().map(|(name, value)| (format!("DESKWIRE_{name}"), (*value).to_owned())).collect();
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (child, log) = spawn(data.path(), &settings, nowhere, nowhere);
        let mut engine = Engine { data, settings, child, log, said: Vec::new(), address: nowhere, ops: nowhere };
        engine.wait_open();
        engine
    }

    fn wait_open(&mut self) {
        let line = self.wait_for("the desk is open");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        self.address = line["listen"].as_str().unwrap().parse().unwrap();
        self.ops = line["ops"].as_str().unwrap().parse().unwrap();
    }

    /// Waits for a line of the log with these words.
    pub fn wait_for(&mut self, words: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {words:?} in {:#?}", self.said));
            self.said.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }

    /// SIGKILL: nothing is said, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts again on the same directory, at the same addresses.
    pub fn restart(&mut self) {
        let (child, log) = spawn(self.data.path(), &self.settings, self.address, self.ops);
        (self.child, self.log) = (child, log);
        self.wait_open();
    }

    /// SIGTERM, and how it ended.
    pub fn terminate(&mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        self.said.extend(self.log.iter());
        status
    }

    /// The directory of its data.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// A GET or POST; the status and the body.
    pub fn http(&self, to: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        (status, body)
    }

    /// Signs a member of the demonstration's staff in; his token.
    pub fn sign_in(&self, name: &str) -> String {
        let body = format!(r#"{{"email":"{name}@demo.example","password":"deskwire-demo"}}"#);
        let (status, body) = self.http(self.address, "POST", "/api/auth/login", &body);
        assert_eq!(status, 200, "{body}");
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// A metric's value, by its name and labels as scraped.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, text) = self.http(self.ops, "GET", "/metrics", "");
        let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.unwrap_or_else(|| panic!("no metric {name}")).rsplit(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(data: &Path, settings: &[(String, String)], listen: SocketAddr, ops: SocketAddr) -> (Child, Receiver<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deskwire"))
        .args(["demo", "--listen", &listen.to_string(), "--ops-listen", &ops.to_string(), "--data"])
        .arg(data)
        // These clients do not send again: a slow disk must not turn their posts away, unless a test wants that.
        .env("DESKWIRE_STORE_BUSY_MS", "60000")
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (lines, log) = channel();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
    (child, log)
}
