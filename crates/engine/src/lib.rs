//! Observe, plan, apply: one reconcile pass over any cloud.
