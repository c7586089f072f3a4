//! Makes disturbances happen, in the account and region of the emulator's settings.

use std::time::Duration;

use crate::api::{Caller, Context, Records};
use crate::config::Config;
use crate::dms;
use crate::iam;
use crate::query::{DMS, IAM, SECRETS_MANAGER};
use crate::script::Disturbance;
use crate::secrets_manager;
use crate::sigv4;
use crate::store::Transaction;

/// The error says why it cannot happen.
pub(crate) fn disturb(
    disturbance: &Disturbance,
    config: &Config,
    (now, request_id): (Duration, &str),
    transaction: &Transaction<'_>,
) -> Result<(), String> {
    let mut roles = transaction.scoped(config.account_id.as_str());
    let mut regional = transaction.scoped(format!("{}/{}", config.account_id, config.region));
    let Disturbance::Call { operation, input } = disturbance else {
        return dms::disturb(disturbance, &mut context(config, (now, request_id), &mut regional), &roles);
    };
    let answer = if IAM.operations.contains_key(operation) {
        iam::handle(operation, input, &mut context(config, (now, request_id), &mut roles))
    } else if DMS.operations.contains_key(operation) {
        dms::handle(operation, input, &mut context(config, (now, request_id), &mut regional), &roles)
    } else if SECRETS_MANAGER.operations.contains_key(operation) {
        secrets_manager::handle(operation, input, &mut context(config, (now, request_id), &mut regional))
    } else {
        return Err(format!("the emulator has no operation {operation}"));
    };
    answer.map(drop).map_err(|error| error.message)
}

fn context<'a>(
    config: &'a Config,
    (now, request_id): (Duration, &'a str),
    records: &'a mut dyn Records,
) -> Context<'a> {
    Context {
        account: &config.account_id,
        region: &config.region,
        partition: sigv4::partition_of(&config.region),
        caller: Caller {
            arn: format!("arn:aws:iam::{}:user/somebody-else", config.account_id),
            user_id: "AIDASOMEBODYELSE".to_owned(),
            access_key_id: String::new(),
            signed_at: None,
        },
        now,
        request_id,
        config,
        records,
    }
}
