//! A real engine: the program itself, on a real directory, killed and started again at will.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Any port that is free.
pub const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How the program is started.
struct Launch {
    data: PathBuf,
    settings: Vec<(String, String)>,
    /// What it is started through, for example a tracer that leaves it in its place.
    through: Vec<String>,
}

/// A running `deskwire demo`.
pub struct Engine {
    launch: Launch,
    /// Its directory, where it is its own: it goes when the engine does.
    own: Option<TempDir>,
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
        let own = TempDir::new().unwrap();
        let mut engine = Engine::on(own.path(), ANYWHERE, settings, &[]);
        engine.own = Some(own);
        engine
    }

    /// One on this directory at this address, started through another program where there is one.
    pub fn on(data: &Path, address: SocketAddr, settings: &[(&str, &str)], through: &[&str]) -> Engine {
        let settings = settings.iter().map(|(name, value)| (format!("DESKWIRE_{name}"), (*value).to_owned())).collect();
        let through = through.iter().map(|&word| word.to_owned()).collect();
        let launch = Launch { data: data.to_owned(), settings, through };
        let (child, log) = launch.spawn(address, ANYWHERE);
        let mut engine = Engine { launch, own: None, child, log, said: Vec::new(), address, ops: ANYWHERE };
        engine.wait_open();
        engine
    }

    /// Waits until it says where it listens.
    pub fn wait_open(&mut self) {
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

    /// Settings of its next start, beside those it has.
    pub fn set(&mut self, settings: &[(&str, &str)]) {
        let named = settings.iter().map(|(name, value)| (format!("DESKWIRE_{name}"), (*value).to_owned()));
        self.launch.settings.extend(named);
    }

    /// Starts again on the same directory, at the same addresses.
    pub fn restart(&mut self) {
        self.begin();
        self.wait_open();
    }

    /// Starts again, and does not wait.
    pub fn begin(&mut self) {
        (self.child, self.log) = self.launch.spawn(self.address, self.ops);
        self.said.clear();
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// The process.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// SIGTERM, and how it ended.
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let status = self.child.wait().unwrap();
        self.said.extend(self.log.iter());
        status
    }

    /// From its next start on it is started through another program; through none where there are no words.
    pub fn through(&mut self, words: &[String]) {
        self.launch.through = words.to_vec();
    }

    /// Whether these words stand in what it said until now; nothing is waited for.
    pub fn said_so_far(&mut self, words: &str) -> bool {
        self.said.extend(self.log.try_iter());
        self.said.iter().any(|line| line.contains(words))
    }

    /// Its data is elsewhere from its next start on.
    pub fn moved(&mut self, data: &Path) {
        self.launch.data = data.to_owned();
    }

    /// The directory of its data.
    pub fn data(&self) -> &Path {
        &self.launch.data
    }

    /// A GET or POST; the status and the body.
    pub fn http(&self, to: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
        request(to, method, path, "", body)
    }

    /// Signs a member of the demonstration's staff in; his token.
    pub fn sign_in(&self, name: &str) -> String {
        let body = format!(r#"{{"email":"{name}@demo.example","password":"deskwire-demo"}}"#);
        let (status, body) = self.http(self.address, "POST", "/api/auth/login", &body);
        assert_eq!(status, 200, "{body}");
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Sets a category's rules, as an admin does.
    pub fn set_rules(&self, category: &str, rules: &str) {
        let bearer = format!("Authorization: Bearer {}\r\n", self.sign_in("admin"));
        let path = format!("/api/admin/categories/{category}/rules");
        let (code, answer) = request(self.address, "PUT", &path, &bearer, rules);
        assert_eq!(code, 200, "{answer}");
    }

    /// A metric's value, by its name and labels as scraped.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, text) = self.http(self.ops, "GET", "/metrics", "");
        let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.unwrap_or_else(|| panic!("no metric {name}")).rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// Waits until a metric is what it should be.
    pub fn wait_until(&self, name: &str, right: impl Fn(f64) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !right(self.metric(name)) {
            assert!(Instant::now() < end, "{name} is {}", self.metric(name));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A request with more headers, each with its line's end; the status and the body.
pub fn request(to: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}\
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

impl Drop for Engine {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Launch {
    fn spawn(&self, listen: SocketAddr, ops: SocketAddr) -> (Child, Receiver<String>) {
        let mut words = self.through.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_deskwire")]);
        let mut child = Command::new(words.next().unwrap_or_default())
            .args(words)
            .args(["demo", "--listen", &listen.to_string(), "--ops-listen", &ops.to_string(), "--data"])
            .arg(&self.data)
            // These clients do not send again: a slow disk must not turn their posts away, unless a test wants that.
            .env("DESKWIRE_STORE_BUSY_MS", "60000")
            // It says how long the tests are, and is no setting of the engine's, which takes none that it does not know.
            .env_remove("DESKWIRE_FAULTS")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (lines, log) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
        (child, log)
    }
}
