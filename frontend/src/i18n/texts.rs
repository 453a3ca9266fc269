//! The keys of all texts: one section per part of the app.
//!
//! In a section, names before the semicolon are plain texts; `fn name(&str, i64)` are texts with values.
//! F1 keeps `shell overview logs charts ui landing errors`.

use std::ops::Deref;
use std::sync::OnceLock;

/// Defines a section of texts and, for the tests, a walk over all of them.
macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($text:ident),* $(,)? $(; $(fn $func:ident($($arg:ty),*)),* $(,)?)? }) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name {
            $(#[doc = concat!("Text `", stringify!($text), "`.")] pub $text: &'static str,)*
            $($(#[doc = concat!("Text `", stringify!($func), "` with values.")] pub $func: fn($($arg),*) -> String,)*)?
        }

        #[cfg(test)]
        impl super::tests::Walk for $name {
            fn walk(&self, path: &str, visit: &mut dyn FnMut(String, super::tests::Kind)) {
                use super::tests::Kind;
                $(visit(format!("{path}.{}", stringify!($text)), Kind::Plain(self.$text));)*
                $($(
                    let mut slot = 0;
                    let mut values: Vec<String> = Vec::new();
                    let text = (self.$func)($(<$arg as super::tests::Sample>::sample(&mut slot, &mut values)),*);
                    visit(format!("{path}.{}", stringify!($func)), Kind::Filled(text, values));
                )*)?
            }
        }
    };
}

/// Defines the catalogue out of its sections: those that a first visit needs, and those of the pages in parts.
macro_rules! catalogue {
    (
        main { $($(#[$meta:meta])* $field:ident: $section:ident),* $(,)? }
        parts { $($(#[$part_meta:meta])* $part_field:ident: $part_section:ident),* $(,)? }
    ) => {
        /// All texts of one language, as its file lists them.
        #[derive(Debug)]
        pub struct Catalogue {
            $($(#[$meta])* pub $field: $section,)*
            $($(#[$part_meta])* pub $part_field: $part_section,)*
        }

        /// The texts of one language. Those of [`PartTexts`] are reached as if they were fields of it.
        #[derive(Debug)]
        pub struct Texts {
            $($(#[$meta])* pub $field: $section,)*
            parts: OnceLock<&'static PartTexts>,
        }

        /// The texts of the pages in parts: a first visit does not load them.
        #[derive(Debug)]
        pub struct PartTexts {
            $($(#[$part_meta])* pub $part_field: $part_section,)*
        }

        impl Catalogue {
            /// The texts that are always there.
            #[must_use]
            pub const fn main(self) -> Texts {
                Texts { $($field: self.$field,)* parts: OnceLock::new() }
            }

            /// The texts that come with the first part.
            #[must_use]
            pub const fn parts(self) -> PartTexts {
                PartTexts { $($part_field: self.$part_field,)* }
            }
        }

        #[cfg(test)]
        impl super::tests::Walk for Catalogue {
            fn walk(&self, _path: &str, visit: &mut dyn FnMut(String, super::tests::Kind)) {
                $(self.$field.walk(stringify!($field), visit);)*
                $(self.$part_field.walk(stringify!($part_field), visit);)*
            }
        }

        /// The names of the sections that come with the first part.
        #[cfg(test)]
        pub(super) const OF_PARTS: &[&str] = &[$(stringify!($part_field)),*];
    };
}

catalogue! {
    main {
        /// Words that many pages share.
        common: Common,
        /// Names of roles, scopes, plans, states and levels.
        names: Names,
        /// Faults of calls to the API.
        api: Api,
        /// Sign-in pages.
        login: Login,
        /// Frame of both portals.
        shell: Shell,
        /// The customer's overview.
        overview: Overview,
        /// The log explorer.
        logs: Logs,
        /// Charts.
        charts: Charts,
        /// Components of the design system.
        ui: Ui,
        /// The public start page.
        landing: Landing,
        /// Error pages.
        errors: Errors,
    }
    parts {
        /// API keys.
        keys: Keys,
        /// Kinds of logs.
        kinds: Kinds,
        /// Requests of the own systems.
        requests: Requests,
        /// Staff: logs of all customers.
        across: Across,
        /// Staff: one box over everything.
        lookup: Lookup,
        /// Staff: how the product is used.
        product: Product,
        /// Staff: the installation and its mail.
        system: System,
        /// Staff: security of the installation.
        security: Security,
        /// Users of the customer, sessions and links from mails.
        people: People,
        /// The own account, customers and staff.
        account: Account,
        /// Files of logs that were made.
        exports: Exports,
        /// Staff: overview and customers.
        admin: Admin,
        /// The plan of a customer and its use.
        plan: PlanUse,
        /// Erasing logs.
        erase: Erase,
        /// How long logs are kept, and what was erased.
        privacy: Privacy,
        /// Seals of days.
        seals: Seals,
        /// The audit log.
        audit: Audit,
        /// Analysis.
        analytics: Analytics,
        /// Cohorts of the values of a field.
        cohorts: Cohorts,
        /// Funnels of the customer's own steps.
        funnel: Funnel,
        /// What the product saves.
        savings: Savings,
    }
}

impl Texts {
    /// Adds the texts of the parts; once is enough.
    pub(super) fn bring(&self, parts: &'static PartTexts) {
        self.parts.get_or_init(|| parts);
    }
}

impl Deref for Texts {
    type Target = PartTexts;

    #[inline(never)]
    fn deref(&self) -> &PartTexts {
        self.parts.get().unwrap_or_else(|| panic!("a text of the parts was asked for in the main part"))
    }
}

section! {
    /// Words that many pages share.
    Common {
        product, save, cancel, close, copy, copied, delete, edit, retry, back, more, search, name, email,
        status, plan, created, yes, no, none, never, loading, optional, show, hide, unknown, done, actions,
        all, required_hint, summary, saved,
    }
}

section! {
    /// Names of roles, scopes, plans, states and levels.
    Names {
        role_viewer, role_member, role_owner, role_key, role_analyst, role_admin, plan_demo,
        plan_particulier, plan_starter, plan_mkb, plan_professional, plan_enterprise, status_active,
        status_read_only, status_suspended, status_closing, status_closed, segment_business,
        segment_consumer, lang_nl, lang_en, theme_system, theme_light, theme_dark, key_active, key_rotating,
        key_expired, key_revoked, mode_live, mode_test, scope_logs_read, scope_logs_write,
        scope_analytics_read, scope_export_read, scope_keys_read, scope_assistant_use,
        scope_webhooks_manage, scope_keys_manage, scope_logs_read_hint, scope_logs_write_hint,
        scope_analytics_read_hint, scope_export_read_hint, scope_keys_read_hint, scope_assistant_use_hint,
        scope_webhooks_manage_hint, scope_keys_manage_hint,
    }
}

section! {
    /// Faults of calls to the API.
    Api {
        network_title, network_detail, decode_title, decode_detail, aborted,
    }
}

section! {
    /// Sign-in pages.
    Login {
        title, lead, code, code_hint, code_empty, show_code, submit, busy, wrong_code, lost_title, lost,
        staff_title, staff_lead, username, username_empty, password, password_empty, show_password,
        wrong_password, to_staff, to_customer, ended_signed_out, ended_expired, ended_suspended,
        ended_password, ended_code, asked, user_lead, email_empty, wrong_email, with_code, with_password, forgot;
        fn wait(i64, &str, &str),
        fn wait_seconds(i64, &str),
    }
}

section! {
    /// API keys.
    Keys {
        title, lead, create, list, table, col_key, col_scopes, col_used, col_expires, col_state, unused,
        no_expiry, everywhere, empty_title, empty_text, empty_viewer, placeholder, earlier, limit_reached,
        edit, rotate, revoke, form_title, form_name, form_name_hint, form_scopes, form_scopes_empty,
        form_mode, form_mode_live_hint, form_mode_test_hint, form_expiry, expiry_30, expiry_90, expiry_365,
        expiry_730, expiry_none, expiry_none_warning, form_cidrs, form_cidrs_hint, form_origins, form_origins_hint, form_submit, edit_title,
        edit_scopes_hint, secret_title, secret_warning, secret_label, secret_copy, secret_kept, samples,
        sample_curl, sample_python, sample_javascript, sample_text_log, sample_copy, rotate_title,
        rotate_text, rotate_overlap, overlap_0, overlap_1, overlap_24, overlap_72, overlap_168, overlap_720,
        rotate_now_warning, rotate_submit, revoke_effect, revoke_type, revoke_mismatch, revoke_submit,
        uses_table, uses_none, uses_more, uses_text, col_address, col_client, col_route, col_times;
        fn count(i64, &str, &str),
        fn created_at(&str),
        fn used_times(i64, &str),
        fn used_from(&str),
        fn overlap_until(&str),
        fn revoked_at(&str),
        fn expired_at(&str),
        fn only_from(&str),
        fn in_pages_of(&str),
        fn old_until(&str),
        fn edit_of(&str),
        fn rotate_of(&str),
        fn revoke_of(&str),
        fn uses_of(&str),
        fn revoke_title(&str),
        fn revoked(&str),
        fn created_done(&str),
    }
}

section! {
    /// Requests of the own systems.
    Requests {
        title, lead, list, table, refresh, route, key, all_keys, all_statuses, good, refused, failed, time,
        request, ms, number, code, more, none_title, none_text, no_match_title, no_match_text, was_revoked,
        was_expired, was_network, was_origin, speed, p50, p95, p99, error_rate, by_route, by_key, people, answers, mean,
        per_day, per_day_text, by, total, period_from, period_to;
        fn basis(&str, &str, &str, &str),
        fn accuracy(&str),
        fn errors_of(&str, &str),
        fn too_few(&str),
        fn count(&str, &str),
    }
}

section! {
    /// Staff: how the product is used.
    Product {
        title, lead, dau, wau, mau, so_far, seven, thirty, sticky, too_few_days, no_data, systems, searches,
        calls, visit, minutes, per_day, per_day_text, people, features, features_table, feature, adoption,
        customers, customers_table, active_days, sign_ins, last, never, f_sign_in, f_record, f_read,
        f_search, f_saved, f_export, f_own_use, f_erasure, f_kinds, f_seals, cohorts, cohorts_text, cohorts_none;
        fn days(i64, &str),
        fn basis(&str, &str, &str),
        fn since(&str),
        fn mean_of(&str, &str),
        fn visits_of(&str, &str, &str),
        fn day_text(&str, &str, &str, &str),
        fn of_active(&str),
        fn recorded(i64, &str),
    }
}

section! {
    /// The own account, customers and staff.
    Account {
        title, profile, customer, number, contact, role, session_until, preferences, language,
        language_owner_hint, language_hint, theme, zone, zone_hint, zone_title, zone_save, zone_saved,
        code_title, code_text, code_rotate, code_rotate_title, code_effect, code_overlap, code_confirm,
        code_confirm_missing, code_new_title, code_new_warning, code_copy, code_kept, code_old_stopped,
        sign_out, sign_out_text, session, export_title, export_text, export, staff_name, password_title,
        password_forced_title, password_forced_text, password_current, password_new, password_hint,
        password_save, password_saved, show_passwords;
        fn export_busy(&str),
        fn code_old_until(&str),
    }
}

section! {
    /// Staff: overview and customers.
    Admin {
        overview_title, kpi_customers, kpi_today, kpi_last_24h, kpi_total, all_customers, since_midnight,
        stored, daily_title, col_day, col_logs, most_active, most_active_table, most_active_empty, newest,
        newest_table, newest_empty, to_customers, customers_title, new_customer, customers_table,
        filter_search, filter_status, filter_plan, filter_all_status, filter_all_plans, filter_clear,
        col_name, col_logs_month, col_last_log, col_keys, col_created, col_total, no_logs, sort, sort_name,
        sort_created, sort_logs, more_customers, none_title, none_text, no_match_title, no_match_text,
        facts, keys_title, keys_empty, edit, suspend, reactivate, rotate_code, kpi_month, kpi_keys,
        kpi_last_log, kpi_last_login, number, contact, info, vat, country, country_hint, segment, language,
        zone, zone_hint, code_ends, updated, default, edit_title, nothing_changed, conflict_title,
        conflict_text, conflict_same, conflict_mine, conflict_theirs, suspend_effect, suspend_reason,
        suspend_reason_hint, suspend_submit, reactivate_effect, reactivate_submit, code_effect, reason,
        create_title, create_lead, create_submit, create_more, created_what, created_open, created_another,
        code_label, login_at;
        fn states(&str, &str, &str),
        fn closing_too(&str),
        fn to_index(&str),
        fn logs(i64, &str),
        fn daily_sum(&str, &str, &str, &str),
        fn daily_none(&str),
        fn most_active_sum(&str, &str),
        fn newest_sum(&str, &str),
        fn as_of(&str),
        fn zone_note(&str),
        fn shown(i64, &str),
        fn of_included(&str),
        fn usage_text(&str, &str),
        fn keys_of(&str),
        fn edit_of(&str),
        fn conflict_now(&str, &str),
        fn suspend_title(&str),
        fn suspended(i64, &str, i64, &str),
        fn reactivate_title(&str),
        fn reactivated(i64, &str),
        fn code_title(&str),
        fn code_new_title(&str),
        fn created_title(&str),
    }
}

section! {
    /// Frame of both portals.
    Shell {
        skip_link, menu, overview, logs, analytics, keys, kinds, users, plan, account, customers, product, system, security, audit, search, staff, sign_out, other_language,
        switch_language, dark_theme, shortcuts, offline, read_only, suspended, closing, key_search, key_rows,
        key_open, key_export, key_theme, key_escape, key_sheet, keys_on, keys_on_hint, palette, palette_list,
        palette_hint, palette_none, command_one, only_errors;
        fn go_to(&str),
        fn open_log(&str),
        fn search_for(&str),
        fn commands(&str),
        fn reason(&str),
    }
}

section! {
    /// The customer's overview.
    Overview {
        title, today, week, usage, total, vs_yesterday, vs_last_week, no_yesterday, no_last_week,
        no_logs_yet, usage_over, quick_label, quick_hint, quick_hint_mac, quick_save, quick_empty,
        quick_saving, quick_failed, quick_again, quick_drop, quick_saved, quick_failed_elsewhere,
        daily_title, daily_none, column_day, column_logs, recent_title, recent_caption, recent_region,
        all_logs, live, live_connecting, live_waiting, live_off, now, this_device, start_title, start_text,
        start_log, start_key, start_search, start_key_link, start_search_link;
        fn of(&str),
        fn of_plan(&str),
        fn since(&str),
        fn usage_text(&str, &str, &str),
        fn daily_summary(&str, &str, &str),
        fn kept(&str),
        fn zone(&str),
    }
}

section! {
    /// The plan of a customer and its use.
    PlanUse {
        title, period, reset, rate, per_minute, facts, logs, calls, storage, storage_text, stops, goes_on, reads_stop, days,
        months, months_table, months_text, col_logs, col_calls, col_exports, running;
        fn used(&str, &str),
        fn left(&str),
        fn over(&str),
        fn burst(&str),
        fn days_text(&str),
        fn month_text(&str, &str),
        fn months_summary(i64, &str, &str, &str, &str),
    }
}

section! {
    /// Files of logs that were made.
    Exports {
        title, none, everything, make, hint, started, delete, queued, running, ready, failed, expired,
        cancelled, sent, archive, archive_text, archive_asked, mail_hint;
        fn holds(&str, &str),
        fn mail_to(&str),
        fn until(&str),
    }
}

section! {
    /// Staff: the installation and its mail.
    System {
        title, way_out, no_server, test_to, test, outbox, kind, mail, attempts, answer, read, retry, will_retry,
        none, none_text, previews, language, words, queued, sent, failed, suppressed, held, k_key_created,
        k_key_rotated, k_key_revoked, k_key_expiring, k_export_ready, k_user_invite, k_password_reset,
        k_password_changed, k_test, s_connect, s_tls, s_sign_in,
        s_sender, s_recipient, s_content, s_taken, table;
        fn through(&str, &str, &str),
    }
}

section! {
    /// Users of the customer, sessions and links from mails.
    People {
        title, invite, list, table, none, none_text, role, last_login, active, invited, disabled, too_late, send,
        invite_text, change, change_text, access, may_sign_in, kept_out, remove, removed, owner_may, member_may,
        viewer_may, code, code_role, code_text, code_owner_text, code_nobody, link, link_mailed, link_not_mailed,
        link_done, my_sessions, my_sessions_text, all_sessions, all_sessions_text, sessions_table, device, address,
        since, used, unknown_device, this_device, by_code, end_session, session_ended, end_others, welcome_title,
        new_title, organisation, choose, chosen_title, chosen_text, ask_title, ask_text, ask, asked, to_login;
        fn room(&str, &str),
        fn link_for(&str),
        fn until(&str),
        fn again_for(&str),
        fn change_of(&str),
        fn remove_of(&str),
        fn remove_text(&str),
        fn browser_on(&str, &str),
        fn ended_n(i64, &str),
    }
}

section! {
    /// Staff: security of the installation.
    Security {
        title, refresh, block, block_this, undo, undone, no_end, level, normal, raised, high, low, medium, critical,
        why_normal, why_raised, why_high, f_critical, f_high, f_logins, f_honeypot, f_denied, acknowledge, acknowledged,
        hours, hour, events, sources, sources_table, no_sources, network, worst, last, yours, signals, kind, all_networks, quiet,
        quiet_text, lists, lists_table, search, find, in_force, ended, no_decisions, no_decisions_text, action, reason, origin, until, hits,
        simulated, extend, extended, lift, by_staff, decide, network_hint, place, how_long, save, modes, modes_text,
        anonymous, signed_in, modes_set, on, off, detection, threshold, traps, trap_hours, trusted, proxies,
        k_failed_login, k_honeypot, k_threat, k_behaviour, k_key_misuse, k_token_reuse, k_config_change, k_list_hit,
        o_watched, o_refused, o_blocked, o_spared, o_grace, o_simulated, a_allow, a_deny, a_throttle, a_exempt, s_all,
        s_login, s_admin, s_api, m_off, m_observe, m_enforce;
        fn made(&str, &str, &str),
        fn hours_sum(&str, &str, &str),
        fn hour_text(&str, &str, &str, &str, &str),
        fn times(&str),
        fn lifted_at(&str),
        fn hours_n(i64, &str),
        fn threshold_n(&str, &str),
    }
}

section! {
    /// The log explorer.
    Logs {
        title, query_label, query_placeholder, query_hint, help, search, range_label, range_all, range_hour,
        range_day, range_week, range_month, range_custom, from, to, date_order, chips_label, remove_filter,
        use_suggestion, results, region, caption, column_time, column_level, column_message, column_kind,
        column_ip, sort_toggle, load_more, all_shown, partial, live, live_refused, none_title, none_text,
        remove_last, clear_all, empty_title, empty_text, to_overview, export, export_title, export_counting,
        export_filter, export_everything, export_format, export_csv, export_csv_nl, export_ndjson,
        export_more, export_json, export_xlsx, export_pdf, export_start, export_stop, export_stopped, export_progress_label, row_keys,
        close_detail, f_occurred, f_received, f_kind, f_source, f_ip, f_actor, f_external, f_corrects,
        f_flags, f_space, test_space, flag_late, flag_clock_skew, flag_ambiguous_time, flag_redacted, f_corrected_by, f_sealed, not_sealed, correct, correct_text,
        correct_save, correct_no_object, searches, searches_saved, searches_past, searches_none,
        searches_forget, search_keep, search_name, search_share, search_shared, search_save, data, formatted, raw,
        json_region, copy_number, copy_data, copy_link, around, around_this, no_message, back_to_logs,
        help_words, help_phrase, help_field, help_not, help_range, help_or, help_after, ex_words, ex_phrase,
        ex_field, ex_not, ex_range, ex_or, ex_after, count_one, pill_one, newest_only, fields, field_unused,
        other_field, other_field_hint, count_field;
        fn count(&str),
        fn count_capped(&str),
        fn shown(&str, &str),
        fn shown_some(&str),
        fn pill(&str),
        fn arrived(i64, &str),
        fn export_count(&str),
        fn export_progress(&str),
        fn export_done(&str, &str),
        fn log_title(&str),
        fn correct_title(&str),
        fn corrected(&str),
        fn search_saved(&str),
        fn search_forget(&str),
        fn only_kind(&str),
        fn range_chip(&str, &str),
        fn span_chip(&str, &str),
        fn since_chip(&str),
        fn until_chip(&str),
        fn volume_summary(&str, &str, &str),
        fn other_values(&str),
        fn only_value(&str),
        fn without_value(&str),
    }
}

section! {
    /// Kinds of logs, and the quarantine.
    Kinds {
        title, lead, describe, table, kind, mode, mode_off, mode_warn, mode_reject, mode_hint, logs, quarantine,
        others, none_title, none_text, forgotten, name, name_hint, title_nl, title_en, schema, schema_hint, limits,
        limits_hint, try_it, would_reject, quarantine_lead, all_kinds, state, state_open, state_replayed,
        state_discarded, lines, correct, replay, replay_all, discard, discarded, clear_title, clear_text,
        flag_mismatch, flag_replayed, kept_as_all, days_hint;
        fn next_as_all(&str, &str),
        fn waiting(&str),
        fn full(&str),
        fn not_kept(&str),
        fn forget(&str),
        fn tried(&str, &str),
        fn times(&str),
        fn until(&str),
        fn replayed(&str),
        fn replayed_all(&str, &str),
    }
}

section! {
    /// Erasing logs.
    Erase {
        open, title, nothing, everything, what, whole, some_fields, fields, fields_hint, fields_missing,
        reason, reason_hint, effect, confirm, mismatch, submit, erased_one, redacted_one;
        fn count(&str),
        fn period(&str, &str),
        fn type_count(&str),
        fn progress(&str, &str),
        fn erased(&str),
        fn redacted(&str),
    }
}

section! {
    /// How long logs are kept, and what was erased.
    Privacy {
        title, lead, open, back, retention_title, retention_text, unlimited, days, days_hint, save, saved,
        shorter_saved, withdraw, withdrawn, erasures_title, erasures_table, erasures_none, col_when,
        col_what, col_count, col_who, col_state, all_logs, by_retention, test_space, state_hiding,
        state_purging, state_cleaning, state_done, more, keep_totals, keep_totals_hint;
        fn kept(&str),
        fn next(&str, &str, &str),
        fn fields(&str),
        fn before(&str),
        fn reason(&str),
    }
}

section! {
    /// The audit log.
    Audit {
        title, lead, open, list, table, what, who, customer, change, address, about, outcome, everything, everybody,
        ok, refused, erased, none_title, none_text, intact, changed, incomplete, subjects, verbs, actors;
        fn counted(&str),
    }
}

section! {
    /// Staff: logs of all customers.
    Across {
        title, lead, customer, customer_hint, customer_unknown, any_customer, to_customer, list, table, arrived, data,
        none_title, none_text, more, partial,
    }
}

section! {
    /// Staff: one box over everything.
    Lookup {
        title, label, hint, start_title, start_text, none, all;
        fn fault(&str),
    }
}

section! {
    /// Seals of days.
    Seals {
        title, text, none, copy, kept, kept_hint, kept_wrong, kept_missing, verify, intact, changed, what_now,
        open, log_changed, log_missing, log_added, erasure_unknown, digests_changed, seal_edited, seal_missing,
        chain_broken;
        fn newest(&str, &str),
        fn progress(&str, &str),
        fn counts(&str, &str),
        fn removed(&str),
        fn unsealed(&str),
        fn kept_found(&str),
        fn seal(&str),
    }
}

section! {
    /// Analysis.
    Analytics {
        title, figures, compare_previous, compare_year, compare_none, per_minute, per_five_minutes, per_quarter_hour, per_hour, per_day, per_week, per_month,
        days_7, days_30, days_90, days_365, query_label, query_hint, apply, compare, findings_title,
        findings_lead, findings_no_data, see_logs, kind_busy, kind_quiet, kind_gap, kind_outliers,
        kind_shift, kind_share, last_week, last_month, no_earlier, pattern_title, pattern_table, weekday, weekdays,
        top_title, csv_field, csv_value, csv_count, csv_other, csv_missing, csv_kind, csv_from, csv_to, csv_what,
        csv_observed, csv_usual, csv_low, csv_high, csv_query, forecast_title, forecast_incomplete, expected, holt_winters, smoothing, naive;
        fn week_from(&str),
        fn findings_too_few(&str),
        fn findings_none(&str),
        fn findings_summary(i64, &str, &str),
        fn top_summary(&str, &str, &str, &str),
        fn fields_newest(&str),
        fn more_findings(&str),
        fn from_to(&str, &str),
        fn at_group(&str, &str),
        fn counted(&str, &str, &str),
        fn mostly(&str, &str),
        fn nothing_received(&str, &str),
        fn arrived_later(&str),
        fn outliers(&str, &str, &str, &str, &str),
        fn shifted(&str, &str, &str, &str, &str),
        fn share_rose(&str, &str, &str, &str, &str),
        fn band(&str, &str, &str),
        fn change_against(&str, &str),
        fn mean_per_day(&str),
        fn busiest(&str, &str, &str, &str),
        fn distinct(&str, &str, &str),
        fn forecast_too_few(&str, &str),
        fn expected_between(&str, &str, &str),
        fn forecast_summary(&str, &str, &str),
        fn forecast_error(&str),
    }
}

section! {
    /// Cohorts of the values of a field.
    Cohorts {
        title, lead, field, none_title, none_text, month, size, same_month, table, provisional, incomplete, unknown,
        csv_later, csv_active, csv_share, csv_provisional;
        fn of_field(&str),
        fn of(&str, &str),
        fn summary(&str, &str, &str),
    }
}

section! {
    /// Funnels of the customer's own steps.
    Funnel {
        title, lead, field, field_example, window, window_1, window_3, window_7, window_30, window_90, period,
        add, compute, result, none_title, none_text, nobody, csv_step, csv_query, csv_reached, csv_share,
        csv_median, csv_dropped, csv_waiting;
        fn step(&str),
        fn remove(&str),
        fn summary(&str, &str, &str),
        fn read(&str, &str),
        fn of_before(&str),
        fn median(&str),
        fn waiting(&str),
        fn dropped(&str),
        fn dropped_more(&str),
    }
}

section! {
    /// What the product saves.
    Savings {
        title, lead, per_search, per_export, not_counted, no_assumption, running, csv_searches, csv_exports,
        csv_hours, csv_cents_per_hour;
        fn counted(&str, &str),
        fn since(&str),
        fn hours(&str),
        fn price(&str, &str),
    }
}

section! {
    /// Charts.
    Charts {
        as_table, walk, csv, earlier;
        fn earlier_value(&str),
        fn table_of(&str),
        fn running(&str),
    }
}

section! {
    /// Components of the design system.
    Ui {
        close, close_message, copy_failed, request_number, level_debug, level_info, level_notice,
        level_warning, level_error, level_critical;
        fn stale(&str),
    }
}

section! {
    /// The public start page.
    Landing {
        title, lede, sign_in, features, record_title, record_text, find_title, find_text, figures_title,
        figures_text, apart_title, apart_text, footer, staff,
    }
}

section! {
    /// Error pages.
    Errors {
        not_found_title, not_found_text, to_start, forbidden_title, forbidden_customer, forbidden_staff,
        to_own_portal, not_allowed_title, not_allowed_text, offline_title, offline_what, offline_text,
    }
}
