//! Splits an arithmetic expression into tokens.

use std::fmt;

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Number(f64),
    Plus,
    Minus,
    Star,
    Slash,
    Open,
    Close,
}

#[derive(Debug, PartialEq)]
pub enum LexError {
    UnknownCharacter(char, usize),
    BadNumber(String),
}

impl fmt::Display for LexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LexError::UnknownCharacter(c, at) => write!(f, "unknown character {c} at {at}"),
            LexError::BadNumber(text) => write!(f, "not a number: {text}"),
        }
    }
}

/// Reads all tokens of a text.
pub fn tokenize(text: &str) -> Result<Vec<Token>, LexError> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(at, c)) = chars.peek() {
        if c.is_ascii_digit() {
            let mut digits = String::new();
            while let Some(&(_, d)) = chars.peek() {
                if !d.is_ascii_digit() && d != '.' {
                    break;
                }
                digits.push(d);
                chars.next();
            }
            tokens.push(read_number(&digits)?);
            continue;
        }
        if !c.is_whitespace() {
            tokens.push(symbol(c).ok_or(LexError::UnknownCharacter(c, at))?);
        }
        chars.next();
    }
    Ok(tokens)
}

fn read_number(digits: &str) -> Result<Token, LexError> {
    digits.parse().map(Token::Number).map_err(|_| LexError::BadNumber(digits.to_string()))
}

fn symbol(c: char) -> Option<Token> {
    match c {
        '+' => Some(Token::Plus),
        '-' => Some(Token::Minus),
        '*' => Some(Token::Star),
        '/' => Some(Token::Slash),
        '(' => Some(Token::Open),
        ')' => Some(Token::Close),
        _ => None,
    }
}
