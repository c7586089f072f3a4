//! Diff, ownership, ordering and policy: a pure function from desired and observed to a plan.
