//! Running the binary as a user does: in a directory of its own, with nothing of the outer environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that goes when it is dropped.
pub struct Workplace(PathBuf);

impl Workplace {
    /// A new, empty directory.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cli-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// One with a Controller of this scope and these pipelines.
    pub fn with_pipelines(scope: &str, pipelines: &[&str]) -> Self {
        let place = Self::new();
        place.write("specs/controller.yaml", &controller(scope, ""));
        for name in pipelines {
            place.write(&format!("specs/{name}.yaml"), &pipeline(name));
        }
        place
    }

    /// Another with the same content, subdirectories included.
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        copy_directory(&self.0, &copy.0);
        copy
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and the directories above it.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Changes a file's text.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.join(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        self.write(name, &text.replace(from, to));
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) {
        fs::remove_file(self.0.join(name)).unwrap();
    }

    /// The binary with these arguments, one a word.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipewright"));
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.0)
            .env_clear()
            .stdin(Stdio::null())
            // Never the machine's own credentials.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HOME", &self.0);
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }
}

fn copy_directory(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // What cannot be removed stays under `target`.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a run printed and returned.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// All of it, for a snapshot.
    pub fn all(&self) -> String {
        let code = self.code.map_or("killed".to_owned(), |code| code.to_string());
        format!("exit {code}\n--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }

    /// Exit code and stdout, where stderr has lines in any order.
    pub fn result(&self) -> String {
        let code = self.code.map_or("killed".to_owned(), |code| code.to_string());
        format!("exit {code}\n{}", self.stdout)
    }

    /// The stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks the exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.all());
        self
    }
}

/// A Controller of this scope; `policy` is its whole `policy` line.
pub fn controller(scope: &str, policy: &str) -> String {
    format!(
        r#"apiVersion: pipewright.dev/v1
kind: Controller
metadata: {{name: {scope}}}
spec:
  uid: 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40
  environments:
    - {{name: prod, accountId: "111122223333", region: us-east-1}}
  {policy}
"#
    )
}

/// A pipeline from MySQL to Aurora PostgreSQL.
pub fn pipeline(name: &str) -> String {
    format!(
        r"apiVersion: pipewright.dev/v1
kind: Pipeline
metadata: {{name: {name}}}
spec:
  compute:
    instance:
      class: dms.t3.medium
      allocatedStorage: 50
      subnetGroup: {{subnetIds: [subnet-0a1b2c3d, subnet-4e5f6a7b]}}
  source:
    engine: mysql
    credentials:
      secretsManager:
        secretId: arn:aws:secretsmanager:us-east-1:111122223333:secret:mysql-AbCdEf
        accessRoleArn: arn:aws:iam::111122223333:role/dms-secrets
  target:
    engine: aurora-postgresql
    databaseName: {name}
    credentials:
      secretsManager:
        secretId: arn:aws:secretsmanager:us-east-1:111122223333:secret:aurora-AbCdEf
        accessRoleArn: arn:aws:iam::111122223333:role/dms-secrets
  migration:
    type: full-load-and-cdc
    tables: {{include: [shop.*]}}
"
    )
}
