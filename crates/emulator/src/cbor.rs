//! Smithy RPC v2 CBOR, the protocol of CloudWatch: bodies in CBOR (RFC 8949) by the shapes of the API model
//! (<https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>).

use minicbor::data::{Tag, Type};
use minicbor::decode::Error;
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Number, Value, json};

use crate::api::AwsError;
use crate::query::{Kind, Service};

/// Deeper bodies than any shape of the API are refused.
const MAX_DEPTH: usize = 32;
/// Seconds since the Unix epoch (RFC 8949, section 3.4.2).
const EPOCH: u64 = 1;

/// Reads a request's body. A timestamp becomes its seconds, as in the JSON protocols.
pub(crate) fn parse(body: &[u8]) -> Result<Map<String, Value>, AwsError> {
    let refused = |why: &str| AwsError::new(400, "SerializationException", why);
    if body.is_empty() {
        return Ok(Map::new());
    }
    let mut decoder = Decoder::new(body);
    match value(&mut decoder, 0) {
        Ok(Value::Object(map)) if decoder.position() == body.len() => Ok(map),
        Ok(Value::Object(_)) => Err(refused("The request body goes on after its end")),
        Ok(_) => Err(refused("The request body is not a CBOR map")),
        Err(error) => Err(refused(&format!("The request body is not CBOR: {error}"))),
    }
}

fn value(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, Error> {
    if depth > MAX_DEPTH {
        return Err(Error::message("it is nested too deeply"));
    }
    Ok(match decoder.datatype()? {
        Type::Bool => json!(decoder.bool()?),
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Value::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => json!(decoder.u64()?),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => json!(decoder.i64()?),
        Type::F16 => number(decoder.f16()?.into())?,
        Type::F32 => number(decoder.f32()?.into())?,
        Type::F64 => number(decoder.f64()?)?,
        Type::String | Type::StringIndef => json!(text(decoder)?),
        Type::Tag if decoder.tag()? == Tag::new(EPOCH) => value(decoder, depth + 1)?,
        Type::Array | Type::ArrayIndef => {
            let mut left = decoder.array()?;
            let mut items = Vec::new();
            while goes_on(decoder, &mut left)? {
                items.push(value(decoder, depth + 1)?);
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let mut left = decoder.map()?;
            let mut members = Map::new();
            while goes_on(decoder, &mut left)? {
                let name = text(decoder)?;
                members.insert(name, value(decoder, depth + 1)?);
            }
            Value::Object(members)
        }
        other => return Err(Error::message(format!("{other} has no place in it"))),
    })
}

/// Whether a list or map of a known or open length has another item.
fn goes_on(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, Error> {
    if let Some(count) = left {
        let more = *count > 0;
        *count = count.saturating_sub(1);
        return Ok(more);
    }
    if decoder.datatype()? == Type::Break {
        decoder.skip()?;
        return Ok(false);
    }
    Ok(true)
}

fn text(decoder: &mut Decoder<'_>) -> Result<String, Error> {
    decoder.str_iter()?.collect()
}

fn number(value: f64) -> Result<Value, Error> {
    Number::from_f64(value).map(Value::Number).ok_or_else(|| Error::message("it has a number that is none"))
}

/// The body of an answer, by the shape of the operation's output.
pub(crate) fn body(service: &Service, operation: &str, output: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = encode(&mut encoder, Some((service, service.operations[operation].output.as_deref())), output);
    encoder.into_writer()
}

/// A body of which no shape is known, such as that of a refusal.
pub(crate) fn untyped(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let _ = encode(&mut encoder, None, value);
    encoder.into_writer()
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

/// Without a shape, numbers are what they look like.
fn encode(encoder: &mut Encoder<Vec<u8>>, shape: Option<(&Service, Option<&str>)>, value: &Value) -> Written {
    let known = shape.and_then(|(service, name)| Some((service, service.shape(name?))));
    match value {
        Value::Null => encoder.null().map(drop),
        Value::Bool(value) => encoder.bool(*value).map(drop),
        Value::String(value) => encoder.str(value).map(drop),
        Value::Number(number) => match (known.map(|(_, shape)| shape.kind), number.as_i64()) {
            (Some(Kind::Timestamp), _) => {
                encoder.tag(Tag::new(EPOCH))?.f64(number.as_f64().unwrap_or_default()).map(drop)
            }
            (Some(Kind::Double), _) | (_, None) => encoder.f64(number.as_f64().unwrap_or_default()).map(drop),
            (_, Some(whole)) => encoder.i64(whole).map(drop),
        },
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            let member = known
                .map(|(service, shape)| (service, shape.member.as_ref().map(|member| member.shape.as_str())));
            items.iter().try_for_each(|item| encode(encoder, member, item))
        }
        Value::Object(members) => {
            encoder.map(members.len() as u64)?;
            members.iter().try_for_each(|(name, value)| {
                encoder.str(name)?;
                let member = known.map(|(service, shape)| {
                    (service, shape.members.get(name).map(|member| member.shape.as_str()))
                });
                encode(encoder, member, value)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::CLOUDWATCH;

    /// The examples of RFC 8949, appendix A, and the forms that clients choose between.
    #[test]
    fn bodies_are_read_in_every_form() {
        let read = |bytes: &[u8]| parse(bytes).map(Value::Object).map_err(|error| error.message);
        assert_eq!(read(&[0xa1, 0x61, b'a', 0x01]), Ok(json!({"a": 1})));
        assert_eq!(read(&[0xbf, 0x61, b'a', 0x9f, 0x20, 0xf6, 0xff, 0xff]), Ok(json!({"a": [-1, null]})));
        let time = [0xa1, 0x61, b't', 0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0];
        assert_eq!(read(&time), Ok(json!({"t": 1_363_896_240})));
        assert_eq!(read(&[0xa1, 0x61, b'h', 0xf9, 0x3e, 0x00]), Ok(json!({"h": 1.5})));
        assert_eq!(read(&[0xa1, 0x61, b's', 0x7f, 0x61, b'x', 0x61, b'y', 0xff]), Ok(json!({"s": "xy"})));
        assert_eq!(read(&[]), Ok(json!({})));
        for broken in [&[0x01][..], &[0xa1, 0x61], &[0xa0, 0x00], &[0xa1, 0x61, b'n', 0xf9, 0x7e, 0x00]] {
            assert!(read(broken).is_err(), "{broken:x?}");
        }
        let mut deep = vec![0xa1, 0x61, b'a'];
        deep.extend([0x81; 40]);
        deep.push(0x00);
        assert!(read(&deep).unwrap_err().contains("deep"));
    }

    #[test]
    fn answers_follow_the_shapes() {
        let output =
            json!({"MetricDataResults": [{"Timestamps": [60], "Values": [2], "StatusCode": "Complete"}]});
        let body = body(&CLOUDWATCH, "GetMetricData", &output);
        // A time is a tagged number, a value is a double even where it is whole.
        let time = [0xc1, 0xfb, 0x40, 0x4e, 0, 0, 0, 0, 0, 0];
        let two = [0x81, 0xfb, 0x40, 0, 0, 0, 0, 0, 0, 0];
        for part in [&time[..], &two[..]] {
            assert!(body.windows(part.len()).any(|window| window == part), "{part:x?} in {body:x?}");
        }
        let read = parse(&body).unwrap();
        assert_eq!(read["MetricDataResults"][0]["Timestamps"], json!([60.0]));
    }
}
