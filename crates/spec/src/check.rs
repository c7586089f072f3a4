//! What documents may refer to, and what they must not repeat.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::Scope;
use pipewright_model::kinds::EndpointType;

use crate::diagnostic::{Diagnostic, Place};
use crate::documents::{Body, ControllerSpec, Document};
use crate::read::{Reference, did_you_mean, one_of};
use crate::sources::{At, Sources};
use crate::spec_tree::Index;

/// The checks that take all documents together.
pub(crate) struct Check<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) documents: &'a [Document],
    pub(crate) index: Index,
    pub(crate) found: &'a mut Vec<Diagnostic>,
    /// Whether there are documents or files that could not be read at all, so that what seems to be
    /// missing may be in them.
    pub(crate) unread: bool,
}

impl Check<'_> {
    fn error(&mut self, at: At, message: String) -> &mut Diagnostic {
        self.found.push(Diagnostic::new(self.sources.place(at), message));
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// Two documents with one kind and name are an error that names both.
    pub(crate) fn names(&mut self) {
        for (number, document) in self.documents.iter().enumerate() {
            let Some(name) = &document.name else { continue };
            let first = *self.index.entry((document.kind, name.value.clone())).or_insert(number);
            // Of two Controllers there is more to say.
            if first != number && document.kind != "Controller" {
                let message = format!("two documents are {} `{}`", document.kind, name.value);
                let earlier = self.documents[first].name.as_ref().map(|name| self.sources.place(name.at));
                let also = earlier.map(|place| (place, "the other one".to_owned()));
                self.error(name.at, message).also.extend(also);
            }
        }
    }

    /// The one Controller: its scope, and what it says if that could be read.
    pub(crate) fn controller(&mut self) -> Option<(Scope, ControllerSpec)> {
        let all: Vec<&Document> =
            self.documents.iter().filter(|document| document.kind == "Controller").collect();
        let Some(first) = all.first() else {
            if !self.unread {
                let place = self.documents.first().map(|document| document.at);
                let place = place.map_or_else(
                    || Place::whole(self.sources.name(0)),
                    |at| Place::whole(self.sources.name(at.file)),
                );
                self.found.push(
                    Diagnostic::new(place, "there is no Controller document among the specs")
                        .hint("add one: it names the scope, accounts and regions; or give its path as well"),
                );
            }
            return None;
        };
        for other in &all[1..] {
            let earlier = self.sources.place(first.at);
            let error = self.error(other.at, "there are two Controller documents".to_owned());
            error.also.push((earlier, "the other one".to_owned()));
            error.hint = Some("one spec root has one Controller: give the path of one root".to_owned());
        }
        let name = first.name.as_ref()?;
        let scope = match Scope::new(name.value.clone()) {
            Ok(scope) => scope,
            Err(error) => {
                // A name that no document may have was reported already.
                if name.len() <= 63 && name.len() > Scope::MAX_LENGTH {
                    self.error(name.at, error.to_string());
                }
                return None;
            }
        };
        match &first.body {
            Some(Body::Controller(spec)) => Some((scope, (**spec).clone())),
            _ => None,
        }
    }

    /// Every name that stands for another document must be that of one.
    pub(crate) fn references(&mut self, references: &[Reference]) {
        let environments: Option<BTreeSet<String>> =
            self.documents.iter().find_map(|document| match &document.body {
                Some(Body::Controller(spec)) => {
                    Some(spec.environments.iter().map(|environment| environment.name.0.clone()).collect())
                }
                _ => None,
            });
        for reference in references {
            let is_known = if reference.kind == "environment" {
                // Without a Controller that can be read, any environment may exist.
                environments.as_ref().is_none_or(|known| known.contains(&reference.name))
            } else {
                self.unread || self.index.contains_key(&(reference.kind, reference.name.clone()))
            };
            if is_known {
                continue;
            }
            let known: Vec<&str> = match &environments {
                Some(environments) if reference.kind == "environment" => {
                    environments.iter().map(String::as_str).collect()
                }
                _ => {
                    let of_kind = self.index.keys().filter(|(kind, _)| *kind == reference.kind);
                    of_kind.map(|(_, name)| name.as_str()).collect()
                }
            };
            let hint = did_you_mean(&reference.name, known.iter().copied()).unwrap_or_else(|| {
                if known.is_empty() {
                    format!("add a document of kind {} with that name", reference.kind)
                } else {
                    one_of("the known names are", known.iter().copied().take(10))
                }
            });
            let shown: String = reference.name.chars().take(63).collect();
            self.error(reference.at, format!("there is no {} `{shown}`", reference.kind)).hint = Some(hint);
        }
    }

    /// Documents that refer to one another in a circle could be created in no order.
    pub(crate) fn cycles(&mut self, references: &[Reference]) {
        let edges: Vec<(usize, usize, At)> = references
            .iter()
            .filter_map(|reference| {
                let to = *self.index.get(&(reference.kind, reference.name.clone()))?;
                Some((reference.document, to, reference.at))
            })
            .collect();
        if let Some(cycle) = find_cycle(self.documents.len(), &edges) {
            let label = |document: usize| {
                let Document { kind, name, .. } = &self.documents[document];
                format!("{kind} `{}`", name.as_ref().map_or("", |name| name.value.as_str()))
            };
            let mut also = Vec::new();
            for &(from, to, at) in &cycle[1..] {
                also.push((self.sources.place(at), format!("{} refers to {}", label(from), label(to))));
            }
            let (from, to, at) = cycle[0];
            let message = format!("{} refers to {}, and that leads back here", label(from), label(to));
            self.error(at, message).also = also;
        }
    }

    /// `sourceRef` must name a source, `targetRef` a target.
    pub(crate) fn directions(&mut self) {
        let mut wrong = Vec::new();
        for document in self.documents {
            let Some(Body::Pipeline(pipeline)) = &document.body else { continue };
            let uses = [
                (pipeline.source_ref.as_ref(), EndpointType::Source),
                (pipeline.target_ref.as_ref(), EndpointType::Target),
            ];
            for (reference, wanted) in uses {
                let Some(reference) = reference.and_then(|reference| reference.name()) else { continue };
                let key = ("Endpoint", reference.name.clone());
                let Some(other) = self.index.get(&key).map(|&index| &self.documents[index]) else { continue };
                if let (Some(Body::Endpoint(endpoint)), Some(name)) = (&other.body, &other.name)
                    && EndpointType::from(endpoint.r#type) != wanted
                {
                    wrong.push((reference.at, wanted, name.at, reference.name.clone()));
                }
            }
        }
        for (at, wanted, declared, name) in wrong {
            let place = self.sources.place(declared);
            let error = self.error(at, format!("Endpoint `{name}` is not a {wanted}"));
            error.also.push((place, "declared here".to_owned()));
            error.hint = Some(format!("name an Endpoint of `type: {wanted}`"));
        }
    }
}

/// The edges of a circle in a graph, if there is one.
fn find_cycle(nodes: usize, edges: &[(usize, usize, At)]) -> Option<Vec<(usize, usize, At)>> {
    // Without the nodes that nothing refers to, again and again, only circles and what they lead to
    // remain.
    let mut incoming = vec![0_usize; nodes];
    let mut outgoing = vec![Vec::new(); nodes];
    for &(from, to, at) in edges {
        incoming[to] += 1;
        outgoing[from].push((from, to, at));
    }
    let mut free: Vec<usize> = (0..nodes).filter(|&node| incoming[node] == 0).collect();
    while let Some(node) = free.pop() {
        for &(_, to, _) in &outgoing[node] {
            incoming[to] -= 1;
            if incoming[to] == 0 {
                free.push(to);
            }
        }
    }
    // Every remaining node has an edge from another one: walked backwards, a path must meet itself.
    let before: BTreeMap<usize, (usize, usize, At)> = edges
        .iter()
        .filter(|(from, to, _)| incoming[*from] > 0 && incoming[*to] > 0)
        .map(|edge| (edge.1, *edge))
        .collect();
    let mut node = (0..nodes).find(|&node| incoming[node] > 0)?;
    let mut path: Vec<(usize, usize, At)> = Vec::new();
    loop {
        let edge = *before.get(&node)?;
        path.push(edge);
        if let Some(start) = path.iter().position(|(_, to, _)| *to == edge.0) {
            let mut cycle = path.split_off(start);
            cycle.reverse();
            return Some(cycle);
        }
        node = edge.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Reader;
    use crate::sources::Source;
    use crate::{Diagnostics, documents, tree};

    #[test]
    fn circles_are_found_and_trees_are_none() {
        let edge = |from, to| (from, to, At::default());
        assert_eq!(find_cycle(4, &[edge(0, 1), edge(0, 2), edge(1, 3), edge(2, 3)]), None);
        let cycle = find_cycle(5, &[edge(0, 1), edge(1, 2), edge(2, 3), edge(3, 1), edge(3, 4)]).unwrap();
        let nodes: Vec<(usize, usize)> = cycle.iter().map(|(from, to, _)| (*from, *to)).collect();
        assert_eq!(nodes.len(), 3);
        for pair in nodes.windows(2) {
            assert_eq!(pair[0].1, pair[1].0);
        }
        assert_eq!(nodes[2].1, nodes[0].0);
        assert!(find_cycle(1, &[edge(0, 0)]).is_some());
    }

    /// No kind of today can refer to itself by way of others, so the references are made up.
    #[test]
    fn documents_in_a_circle_are_an_error_that_names_all_of_it() {
        let text = "\
apiVersion: pipewright.dev/v1
kind: ReplicationInstance
metadata: {name: a}
spec: {class: dms.t3.medium, subnetGroupRef: b}
---
apiVersion: pipewright.dev/v1
kind: ReplicationSubnetGroup
metadata: {name: b}
spec: {subnetIds: [subnet-1, subnet-2]}
";
        let mut sources = Sources::default();
        let file = sources.add(Source { name: "a.yaml".into(), bytes: text.into() }).unwrap();
        let nodes = tree::documents(&sources, file, &mut 0, &mut Vec::new());
        let mut reader = Reader::new(&sources);
        let documents: Vec<Document> =
            nodes.iter().filter_map(|node| documents::read(node, &mut reader)).collect();
        let mut references = reader.references;
        let back = nodes[1].get("spec").and_then(|spec| spec.get("subnetIds")).unwrap().at;
        references.push(Reference { document: 1, kind: "ReplicationInstance", name: "a".into(), at: back });
        let mut found = Vec::new();
        let index = Index::new();
        let mut check =
            Check { sources: &sources, documents: &documents, index, found: &mut found, unread: false };
        check.names();
        check.cycles(&references);
        insta::assert_snapshot!(Diagnostics(found).render(false), @"
        error: ReplicationInstance `a` refers to ReplicationSubnetGroup `b`, and that leads back here
         --> a.yaml:4:46
          |
        4 | spec: {class: dms.t3.medium, subnetGroupRef: b}
          |                                              ^
          |
         ::: a.yaml:9:19
          |
        9 | spec: {subnetIds: [subnet-1, subnet-2]}
          |                   - ReplicationSubnetGroup `b` refers to ReplicationInstance `a`

        1 error
        ");
    }
}
