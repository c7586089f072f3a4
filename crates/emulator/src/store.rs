//! The stored objects: in memory for reads, and in a directory where there is one.
//!
//! A transaction is committed to disk before its answer is sent, so a process that is killed leaves the state of
//! before or after the call. Virtual time is noted in a file beside the database at every request: writing it costs
//! no disk flush and survives the process, though not a power failure, after which the clock in the database counts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use serde_json::Value;
use thiserror::Error;

use crate::api::Records;

/// The layout of the directory. One that another version wrote is refused, not guessed at.
const FORMAT: u64 = 1;

const OBJECTS: TableDefinition<'_, (&str, &str, &str), &[u8]> = TableDefinition::new("objects");
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

/// Why an emulator cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Another process serves this directory.
    #[error("directory {} is in use by another process; stop that one, or name another directory", .0.display())]
    InUse(PathBuf),
    /// The directory was written by another version of the emulator.
    #[error("directory {} has format {found}, this version reads {FORMAT}; name another directory", .directory.display())]
    Format {
        /// The directory.
        directory: PathBuf,
        /// The format it has.
        found: u64,
    },
    /// The directory's database cannot be read or written.
    #[error("directory {} cannot be used", .directory.display())]
    Database {
        /// The directory.
        directory: PathBuf,
        /// What the database says.
        source: Box<redb::Error>,
    },
    /// The directory cannot be made or written.
    #[error("directory {} cannot be used", .directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {bind}")]
    Listen {
        /// The address.
        bind: std::net::SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
}

/// Scope, kind and key of an object. The scope is an account, or an account and a region.
pub(crate) type Id = (String, String, String);

/// All objects of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: BTreeMap<Id, Value>,
    disk: Option<Disk>,
}

#[derive(Debug)]
struct Disk {
    database: Database,
    clock: File,
}

/// Virtual and real time of one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instants {
    pub virtual_time: Duration,
    pub real: Duration,
}

impl Store {
    /// Opens a directory, making it where it is missing, and tells the last instant it has seen.
    pub(crate) fn open(directory: &Path) -> Result<(Store, Option<Instants>), StartError> {
        let in_directory = |source| StartError::Directory { directory: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(in_directory)?;
        let database = Database::create(directory.join("objects.redb")).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StartError::InUse(directory.to_owned()),
            other => in_database(directory, other),
        })?;
        let clock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(directory.join("clock"))
            .map_err(in_directory)?;
        let mut disk = Disk { database, clock };
        let (objects, committed) = disk.load(directory)?;
        let noted = disk.noted_clock();
        let seen = noted.into_iter().chain(committed).max_by_key(|at| at.virtual_time);
        let store = Store { objects, disk: Some(disk) };
        Ok((store, seen))
    }

    /// Makes changes durable, then visible.
    pub(crate) fn commit(
        &mut self,
        changes: BTreeMap<Id, Option<Value>>,
        at: Instants,
    ) -> Result<(), redb::Error> {
        if let Some(disk) = &self.disk {
            disk.write(&changes, at)?;
        }
        for (id, value) in changes {
            match value {
                Some(value) => self.objects.insert(id, value),
                None => self.objects.remove(&id),
            };
        }
        Ok(())
    }

    /// Notes the clock, cheaply.
    pub(crate) fn note_clock(&mut self, at: Instants) -> std::io::Result<()> {
        let Some(disk) = &mut self.disk else { return Ok(()) };
        let mut bytes = [0; 24];
        let (virtual_time, real) = (nanos(at.virtual_time), nanos(at.real));
        bytes[..8].copy_from_slice(&virtual_time.to_le_bytes());
        bytes[8..16].copy_from_slice(&real.to_le_bytes());
        bytes[16..].copy_from_slice(&(virtual_time ^ real).to_le_bytes());
        disk.clock.seek(SeekFrom::Start(0))?;
        disk.clock.write_all(&bytes)
    }

    /// Everything that is stored, in order.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&Id, &Value)> {
        self.objects.iter()
    }

    /// The same objects, in memory only.
    pub(crate) fn snapshot(&self) -> Store {
        Store { objects: self.objects.clone(), disk: None }
    }

    /// Lets go of the directory, so that another process may open it.
    pub(crate) fn close(&mut self) {
        self.disk = None;
    }
}

impl Disk {
    /// Reads everything. A fresh database is marked with the format; another format is refused untouched.
    fn load(&self, directory: &Path) -> Result<(BTreeMap<Id, Value>, Option<Instants>), StartError> {
        let failed = |error: redb::Error| in_database(directory, error);
        match self.meta("format").map_err(failed)? {
            None => self.mark().map_err(failed)?,
            Some(FORMAT) => {}
            Some(found) => {
                return Err(StartError::Format { directory: directory.to_owned(), found });
            }
        }
        let objects = self.objects().map_err(failed)?;
        let virtual_time = self.meta("virtual").map_err(failed)?;
        let real = self.meta("real").map_err(failed)?;
        let committed = virtual_time.zip(real).map(|(virtual_time, real)| Instants {
            virtual_time: Duration::from_nanos(virtual_time),
            real: Duration::from_nanos(real),
        });
        Ok((objects, committed))
    }

    fn mark(&self) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(META)?.insert("format", FORMAT)?;
        transaction.open_table(OBJECTS)?;
        transaction.commit()?;
        Ok(())
    }

    fn meta(&self, name: &str) -> Result<Option<u64>, redb::Error> {
        let transaction = self.database.begin_read()?;
        match transaction.open_table(META) {
            Ok(table) => Ok(table.get(name)?.map(|value| value.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn objects(&self) -> Result<BTreeMap<Id, Value>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let table = transaction.open_table(OBJECTS)?;
        let mut objects = BTreeMap::new();
        for entry in table.iter()? {
            let (id, value) = entry?;
            let (scope, kind, key) = id.value();
            let value = serde_json::from_slice(value.value())
                .map_err(|error| redb::Error::Corrupted(format!("{kind} {key}: {error}")))?;
            objects.insert((scope.to_owned(), kind.to_owned(), key.to_owned()), value);
        }
        Ok(objects)
    }

    fn write(&self, changes: &BTreeMap<Id, Option<Value>>, at: Instants) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        {
            let mut objects = transaction.open_table(OBJECTS)?;
            for ((scope, kind, key), value) in changes {
                let id = (scope.as_str(), kind.as_str(), key.as_str());
                match value {
                    Some(value) => objects.insert(id, value.to_string().as_bytes())?,
                    None => objects.remove(id)?,
                };
            }
            let mut meta = transaction.open_table(META)?;
            meta.insert("virtual", nanos(at.virtual_time))?;
            meta.insert("real", nanos(at.real))?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// None where the file is new, or torn by a power failure.
    fn noted_clock(&mut self) -> Option<Instants> {
        let mut bytes = [0; 24];
        self.clock.read_exact(&mut bytes).ok()?;
        let word = |at: usize| Some(u64::from_le_bytes(bytes[at..at + 8].try_into().ok()?));
        let (virtual_time, real) = (word(0)?, word(8)?);
        (word(16)? == virtual_time ^ real).then(|| Instants {
            virtual_time: Duration::from_nanos(virtual_time),
            real: Duration::from_nanos(real),
        })
    }
}

fn in_database(directory: &Path, error: impl Into<redb::Error>) -> StartError {
    StartError::Database { directory: directory.to_owned(), source: Box::new(error.into()) }
}

/// Good until the year 2554.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The changes of one request, over what is stored.
pub(crate) struct Transaction<'a> {
    store: &'a Store,
    changes: RefCell<BTreeMap<Id, Option<Value>>>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Transaction { store, changes: RefCell::default() }
    }

    /// The objects of one scope.
    pub(crate) fn scoped(&self, scope: impl Into<String>) -> Scoped<'_> {
        Scoped { transaction: self, scope: scope.into() }
    }

    pub(crate) fn into_changes(self) -> BTreeMap<Id, Option<Value>> {
        self.changes.into_inner()
    }
}

/// The objects of one scope, within a transaction.
pub(crate) struct Scoped<'a> {
    transaction: &'a Transaction<'a>,
    scope: String,
}

impl Scoped<'_> {
    fn id(&self, kind: &str, key: &str) -> Id {
        (self.scope.clone(), kind.to_owned(), key.to_owned())
    }
}

impl Records for Scoped<'_> {
    fn get(&self, kind: &str, key: &str) -> Option<Value> {
        let id = self.id(kind, key);
        match self.transaction.changes.borrow().get(&id) {
            Some(changed) => changed.clone(),
            None => self.transaction.store.objects.get(&id).cloned(),
        }
    }

    fn list(&self, kind: &str) -> Vec<(String, Value)> {
        let first = self.id(kind, "");
        let of_kind = |id: &Id| id.0 == first.0 && id.1 == first.1;
        let stored = self.transaction.store.objects.range(first.clone()..);
        let mut found: BTreeMap<String, Value> = stored
            .take_while(|(id, _)| of_kind(id))
            .map(|(id, value)| (id.2.clone(), value.clone()))
            .collect();
        let changes = self.transaction.changes.borrow();
        for (id, value) in changes.range(first.clone()..).take_while(|(id, _)| of_kind(id)) {
            match value {
                Some(value) => found.insert(id.2.clone(), value.clone()),
                None => found.remove(&id.2),
            };
        }
        found.into_iter().collect()
    }

    fn put(&mut self, kind: &str, key: &str, value: Value) {
        let id = self.id(kind, key);
        self.transaction.changes.borrow_mut().insert(id, Some(value));
    }

    fn delete(&mut self, kind: &str, key: &str) {
        let id = self.id(kind, key);
        self.transaction.changes.borrow_mut().insert(id, None);
    }
}
