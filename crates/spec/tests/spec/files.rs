//! What [`load`] finds in directories.

use std::fs;
use std::path::{Path, PathBuf};

use pipewright_spec::load;

use crate::common::{CONTROLLER, PIPELINE, pipeline_with};

/// A directory that goes with its test.
struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// What is wrong with the specs in it, the directory's own path cut off.
    fn errors(&self) -> String {
        let errors =
            load(std::slice::from_ref(&self.0)).expect_err("these specs are not valid").render(false);
        errors.replace(&format!("{}/", self.0.display()), "").replace(&self.0.display().to_string(), ".")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left behind is overwritten by the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn specs_are_found_at_any_depth_and_hidden_directories_are_left_out() {
    let directory = Directory::new("any-depth");
    directory.write("controller.yml", CONTROLLER);
    directory.write("team/a/b/orders.yaml", PIPELINE);
    directory.write(".git/config.yaml", "no: spec");
    directory.write(".hidden.yaml", "no: spec");
    directory.write("README.md", "no: spec");
    let tree = load(std::slice::from_ref(&directory.0)).unwrap();
    let desired = tree.desired("prod", &crate::common::Secrets).unwrap();
    assert_eq!(desired.pipelines.keys().collect::<Vec<_>>(), ["orders"]);
    assert!(desired.pipelines["orders"].place.file.ends_with("team/a/b/orders.yaml"));
}

#[test]
fn the_parts_of_one_spec_root_can_be_named_alone_and_twice() {
    let directory = Directory::new("parts");
    directory.write("base/controller.yaml", CONTROLLER);
    directory.write("team/orders.yaml", PIPELINE);
    let paths = ["base", "team/orders.yaml", "team"].map(|path| directory.0.join(path));
    assert_eq!(load(&paths).unwrap().desired("prod", &crate::common::Secrets).unwrap().pipelines.len(), 1);
}

#[test]
fn an_empty_directory() {
    let directory = Directory::new("empty");
    insta::assert_snapshot!(directory.errors(), @"
    error: there are no specs here
    --> .
     = hint: specs are files whose names end in .yaml or .yml

    1 error
    ");
}

#[test]
fn a_path_that_is_not_there() {
    let directory = Directory::new("missing");
    let errors = load(&[directory.0.join("specs")]).unwrap_err().render(false);
    insta::assert_snapshot!(errors.replace(&directory.0.display().to_string(), "."), @"
    error: this cannot be read: there is no such file or directory
    --> ./specs

    1 error
    ");
}

#[test]
fn files_that_are_too_large_or_not_utf8() {
    let directory = Directory::new("too-large");
    directory.write("controller.yaml", CONTROLLER);
    directory.write("large.yaml", vec![b'#'; 2 * 1024 * 1024]);
    directory.write("latin1.yaml", b"caf\xe9: 1\n");
    insta::assert_snapshot!(directory.errors(), @"
    error: the file has 2097152 bytes; at most 1048576 (1 MiB) are read
    --> large.yaml
     = hint: split it into several files, or move it out of the spec directory if it is no spec

    error: the file is not UTF-8; the first byte that cannot be read is in line 1
    --> latin1.yaml
     = hint: save the file in the UTF-8 encoding

    2 errors
    ");
}

#[test]
fn the_largest_file_that_is_read() {
    let directory = Directory::new("largest");
    let padding = 1024 * 1024 - CONTROLLER.len();
    directory.write("controller.yaml", format!("{CONTROLLER}{}", "#".repeat(padding)));
    assert!(load(std::slice::from_ref(&directory.0)).is_ok());
    directory.write("controller.yaml", format!("{CONTROLLER}{}", "#".repeat(padding + 1)));
    assert!(load(std::slice::from_ref(&directory.0)).is_err());
}

#[test]
fn table_mappings_in_a_file_beside_the_spec() {
    let directory = Directory::new("mappings");
    directory.write("controller.yaml", CONTROLLER);
    let pipeline = pipeline_with("tables: {include: [shop.*]}", "mappingsFile: ../maps/orders.json");
    directory.write("team/orders.yaml", &pipeline);
    directory.write(
        "maps/orders.json",
        r#"{"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1"}]}"#,
    );
    assert!(load(std::slice::from_ref(&directory.0)).is_ok());
    directory.write("maps/orders.json", vec![b' '; 2 * 1024 * 1024]);
    insta::assert_snapshot!(directory.errors(), @"
    error: the table mappings cannot be read from maps/orders.json: it has more than 1048576 bytes (1 MiB)
      --> team/orders.yaml:19:19
       |
    19 |     mappingsFile: ../maps/orders.json
       |                   ^^^^^^^^^^^^^^^^^^^

    1 error
    ");
}

#[test]
fn directories_that_are_nested_too_deep() {
    let directory = Directory::new("deep");
    directory.write("controller.yaml", CONTROLLER);
    directory.write(&format!("{}orders.yaml", "d/".repeat(40)), PIPELINE);
    assert!(directory.errors().starts_with("error: directories are nested more than 32 deep\n--> d/d/"));
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_directory_that_contains_itself() {
        let directory = Directory::new("loop");
        directory.write("controller.yaml", CONTROLLER);
        directory.write("team/orders.yaml", PIPELINE);
        symlink("..", directory.0.join("team/back")).unwrap();
        insta::assert_snapshot!(directory.errors(), @"
        error: this directory contains itself by a symbolic link
        --> team/back
         = hint: remove the link

        1 error
        ");
    }

    #[test]
    fn a_file_that_is_a_link_to_itself_or_to_nothing() {
        let directory = Directory::new("self-link");
        directory.write("controller.yaml", CONTROLLER);
        symlink("a.yaml", directory.0.join("a.yaml")).unwrap();
        symlink("nowhere.yaml", directory.0.join("b.yaml")).unwrap();
        insta::assert_snapshot!(directory.errors(), @"
        error: this cannot be read: a symbolic link leads back to itself
        --> a.yaml

        error: this cannot be read: there is no such file or directory
        --> b.yaml

        2 errors
        ");
    }

    #[test]
    fn a_link_to_specs_elsewhere_is_followed() {
        let elsewhere = Directory::new("elsewhere");
        elsewhere.write("orders.yaml", PIPELINE);
        let directory = Directory::new("linked");
        directory.write("controller.yaml", CONTROLLER);
        symlink(&elsewhere.0, directory.0.join("team")).unwrap();
        let tree = load(std::slice::from_ref(&directory.0)).unwrap();
        assert_eq!(tree.desired("prod", &crate::common::Secrets).unwrap().pipelines.len(), 1);
    }
}
