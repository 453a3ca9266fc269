//! A customer that nobody who calls belongs to. What has no text of its own, such as a count, is as good as a canary
//! here: no other number in an answer begins like these, whatever is added to them.

use api::util::ids::{CustomerId, LogId, Space, new_id};

use crate::support::TestApp;

/// What stands in each of its texts.
pub const WORD: &str = "kanarievreemd";
/// How each of its numbers begins.
pub const NUMBER: &str = "777777000";

/// Makes the customer, with rows in every table that figures and histories are read from.
pub async fn make(test: &TestApp) {
    let customer = test.customer().await.id;
    let now = test.clock.now();
    let number = 777_777_000_000_000_i64;
    // On a day and in an hour of which nobody else has a log.
    let hour = now.0 / 3_600_000 - 31;
    let day = now.0 / 86_400_000 - 2;
    let log = LogId::base(CustomerId(customer), Space::Live) + 1;
    let id = new_id(now);
    for statement in [
        format!(
            "INSERT INTO log_book (customer_id, test, seq, total, bytes, first_occurred_at, last_occurred_at) \
             VALUES ({customer}, false, 1, {number}, {number}, 1, 1) ON CONFLICT (customer_id, test) DO UPDATE \
             SET total = excluded.total, bytes = excluded.bytes, seq = excluded.seq"
        ),
        format!(
            "INSERT INTO log_hour (customer_id, hour, total, bytes, first_id, last_id, received) \
             VALUES ({customer}, {hour}, {number}, {number}, {log}, {log}, {number})"
        ),
        format!(
            "INSERT INTO log_hour_kind (customer_id, hour, kind, level, total) VALUES ({customer}, {hour}, '{WORD}', 'info', {number})"
        ),
        format!(
            "INSERT INTO usage_counter (customer_id, period, metric, value) VALUES ({customer}, '2026-11', 'logs', {number}), \
             ({customer}, '2026-11', 'api_calls', {number})"
        ),
        format!(
            "INSERT INTO search_log (id, customer_id, actor, query, times, hits, hits_capped, duration_ms, searched_at) \
             VALUES ('{id}', {customer}, 'access_code', '{WORD}', {number}, {number}, false, 1, {})",
            now.0 - 1
        ),
        format!(
            "INSERT INTO api_request (customer_id, id, answered_at, method, route, status, duration_us, key_id, test, request_id) \
             VALUES ({customer}, '{id}', {}, 'GET', '/{WORD}', 200, 1, '', false, '{WORD}')",
            now.0 - 1
        ),
        format!(
            "INSERT INTO request_latency (customer_id, day, key_id, route, bucket, n, refused, failed, total_us) \
             VALUES ({customer}, '2026-11-22', '', 'GET /{WORD}', 1, {number}, 0, 0, 1)"
        ),
        format!(
            "INSERT INTO log_seal (customer_id, position, day, first_number, total, root, previous, digest, sealed_at) \
             VALUES ({customer}, 1, {day}, 1, 1, '{WORD}', '', '{WORD}', {})",
            now.0
        ),
    ] {
        test.run_sql(&statement).await;
    }
}
