//! Changes the text of a query without rewriting the rest of it.

use super::Span;
use super::lexer::{Lexer, Token, TokenKind};

/// Takes the term at `span` out of the text, with the signs that lose their meaning.
pub(super) fn without(input: &str, span: Span) -> Option<String> {
    let chars: Vec<char> = input.chars().collect();
    let mut lexer = Lexer::new(&chars);
    let mut kept: Vec<Token> = Vec::new();
    let drop_while = |kept: &mut Vec<Token>, sign: fn(&TokenKind) -> bool| {
        while kept.pop_if(|token| sign(&token.kind)).is_some() {}
    };
    let is_or = |kind: &TokenKind| matches!(kind, TokenKind::Or);
    let is_not = |kind: &TokenKind| matches!(kind, TokenKind::Not);
    while let Some(token) = lexer.next_token().ok()? {
        match token.kind {
            TokenKind::Term(_) if token.span == span => drop_while(&mut kept, is_not),
            // Nothing before it to choose from.
            TokenKind::Or
                if kept.last().is_none_or(|t| matches!(t.kind, TokenKind::Open | TokenKind::Or)) => {}
            TokenKind::Close => {
                drop_while(&mut kept, is_or);
                if kept.pop_if(|t| matches!(t.kind, TokenKind::Open)).is_some() {
                    drop_while(&mut kept, is_not);
                } else {
                    kept.push(token);
                }
            }
            _ => kept.push(token),
        }
    }
    drop_while(&mut kept, is_or);
    let mut text = String::with_capacity(input.len());
    let mut glued = true;
    for token in kept {
        if !glued && !matches!(token.kind, TokenKind::Close) {
            text.push(' ');
        }
        text.push_str(&lexer.slice(token.span.start, token.span.end));
        glued = matches!(token.kind, TokenKind::Open | TokenKind::Not);
    }
    Some(text)
}
