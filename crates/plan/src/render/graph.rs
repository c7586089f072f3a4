//! What specs declare as a graph: pipelines, their resources, what these need, and who owns the shared roles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pipewright_model::{Body, Desired, Kind, Ref, ResourceId};

use super::text::clean;
use crate::kinds;

/// The graph of several environments, each a cluster of its own.
#[derive(Debug)]
pub struct Graph {
    environments: Vec<Cluster>,
}

/// One environment: nodes with their text, and edges between them.
#[derive(Debug)]
struct Cluster {
    name: String,
    nodes: BTreeMap<Node, String>,
    edges: BTreeSet<(Node, Node, &'static str)>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    /// A document, as the spec tag calls it.
    Spec(String),
    Resource(ResourceId),
    /// Something that no spec declares.
    Outside(String),
}

impl Graph {
    /// Of what is desired in each environment.
    pub fn of(environments: &[Desired]) -> Self {
        Self { environments: environments.iter().map(Cluster::of).collect() }
    }

    /// In the language of Graphviz.
    pub fn dot(&self) -> String {
        let mut text = "digraph pipewright {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n".to_owned();
        for (index, cluster) in self.environments.iter().enumerate() {
            let names = cluster.names(index);
            let _ = writeln!(text, "  subgraph cluster_{index} {{\n    label=\"{}\";", quoted(&cluster.name));
            for (node, label) in &cluster.nodes {
                let shape = match node {
                    Node::Spec(_) => "box, style=rounded",
                    Node::Resource(id) if id.kind == Kind::ServiceRole => "hexagon",
                    Node::Resource(_) => "box",
                    Node::Outside(_) => "box, style=dashed",
                };
                let _ = writeln!(text, "    {} [label=\"{}\", shape={shape}];", names[node], quoted(label));
            }
            for (from, to, word) in &cluster.edges {
                let style = if *word == "declares" { ", style=dotted" } else { "" };
                let _ = writeln!(text, "    {} -> {} [label=\"{word}\"{style}];", names[from], names[to]);
            }
            text.push_str("  }\n");
        }
        text.push_str("}\n");
        text
    }

    /// As a Mermaid flowchart, which GitHub and GitLab draw.
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        for (index, cluster) in self.environments.iter().enumerate() {
            let names = cluster.names(index);
            let _ = writeln!(text, "  subgraph e{index}[\"{}\"]", entities(&cluster.name));
            for (node, label) in &cluster.nodes {
                let label = entities(label);
                let _ = match node {
                    Node::Spec(_) => writeln!(text, "    {}([\"{label}\"])", names[node]),
                    Node::Resource(id) if id.kind == Kind::ServiceRole => {
                        writeln!(text, "    {}{{{{\"{label}\"}}}}", names[node])
                    }
                    Node::Resource(_) => writeln!(text, "    {}[\"{label}\"]", names[node]),
                    Node::Outside(_) => writeln!(text, "    {}[/\"{label}\"/]", names[node]),
                };
            }
            for (from, to, word) in &cluster.edges {
                let arrow = if *word == "declares" { "-.->" } else { "-->" };
                let _ = writeln!(text, "    {} {arrow}|{word}| {}", names[from], names[to]);
            }
            text.push_str("  end\n");
        }
        text
    }
}

impl Cluster {
    fn of(desired: &Desired) -> Self {
        let environment = &desired.environment;
        let name = format!(
            "{} ({}, {}), scope {}",
            environment.name, environment.account_id, environment.region, desired.scope
        );
        let mut cluster = Self { name, nodes: BTreeMap::new(), edges: BTreeSet::new() };
        for (id, declared) in &desired.resources {
            // What it connects is an edge already.
            if id.kind == Kind::Connection {
                continue;
            }
            let node = Node::Resource(id.clone());
            cluster.nodes.insert(node.clone(), node.label());
            match &declared.body {
                Body::ServiceRole(role) => {
                    for owner in &role.needed_by {
                        cluster.link(Node::Spec(owner.clone()), node.clone(), "owns");
                    }
                }
                body => {
                    cluster.link(Node::Spec(declared.spec.clone()), node.clone(), "declares");
                    for (reference, word) in named_refs(body) {
                        cluster.link(node.clone(), Node::of(reference), word);
                    }
                    for role in kinds::needed_roles(body) {
                        let role = ResourceId::role(role.name);
                        if desired.resources.contains_key(&role) {
                            cluster.link(node.clone(), Node::Resource(role), "needs");
                        }
                    }
                }
            }
        }
        cluster
    }

    fn link(&mut self, from: Node, to: Node, word: &'static str) {
        for node in [&from, &to] {
            self.nodes.entry(node.clone()).or_insert_with(|| node.label());
        }
        self.edges.insert((from, to, word));
    }

    /// A name for each node that both languages take.
    fn names(&self, cluster: usize) -> BTreeMap<&Node, String> {
        self.nodes.keys().enumerate().map(|(index, node)| (node, format!("n{cluster}_{index}"))).collect()
    }
}

impl Node {
    fn of(reference: &Ref) -> Self {
        match reference {
            Ref::Managed(id) => Self::Resource(id.clone()),
            Ref::External(_) | Ref::ExternalId(_) => Self::Outside(reference.to_string()),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Spec(name) => name.clone(),
            // Its name ends with a hash of the content, which is not read for a drawing.
            Self::Resource(id) if id.kind == Kind::Certificate => {
                let name = id.name.rsplit_once('-').map_or(id.name.as_str(), |(name, _)| name);
                format!("{}\n{name}-…", id.kind)
            }
            Self::Resource(id) => format!("{}\n{}", id.kind, id.name),
            Self::Outside(name) => format!("{name}\n(outside)"),
        }
    }
}

/// What a resource names, each with what it is to it.
fn named_refs(body: &Body) -> Vec<(&Ref, &'static str)> {
    match body {
        Body::Task(task) => {
            vec![(&task.source, "reads"), (&task.target, "writes"), (&task.instance, "runs on")]
        }
        Body::ReplicationConfig(config) => [(&config.source, "reads"), (&config.target, "writes")]
            .into_iter()
            .chain(config.compute.subnet_group.iter().map(|group| (group, "is in")))
            .collect(),
        Body::Instance(_) => kinds::refs(body).into_iter().map(|group| (group, "is in")).collect(),
        Body::EventSubscription(_) => {
            kinds::refs(body).into_iter().map(|source| (source, "tells of")).collect()
        }
        _ => kinds::refs(body).into_iter().map(|reference| (reference, "uses")).collect(),
    }
}

fn quoted(text: &str) -> String {
    text.lines()
        .map(|line| clean(line).replace('\\', "\\\\").replace('"', "\\\""))
        .collect::<Vec<_>>()
        .join("\\n")
}

/// Mermaid's entities, and a line break for each line.
fn entities(text: &str) -> String {
    let escape = |line: &str| {
        clean(line).replace('#', "#35;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
    };
    text.lines().map(escape).collect::<Vec<_>>().join("<br>")
}
