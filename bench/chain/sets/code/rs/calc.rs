use crate::lexer::{tokenize, LexError, Token};

pub const MAX_DEPTH: usize = 64;

#[derive(Debug, PartialEq)]
pub enum CalcError {
    Lex(LexError),
    UnexpectedEnd,
    TooDeep,
    DivisionByZero,
}

impl From<LexError> for CalcError {
    fn from(error: LexError) -> Self {
        CalcError::Lex(error)
    }
}

/// Works out the value of an expression.
pub fn evaluate(text: &str) -> Result<f64, CalcError> {
    let tokens = tokenize(text)?;
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    parser.sum()
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn sum(&mut self) -> Result<f64, CalcError> {
        let mut value = self.product()?;
        while let Some(token) = self.next_if(|t| matches!(t, Token::Plus | Token::Minus)) {
            let right = self.product()?;
            value = if token == Token::Plus { value + right } else { value - right };
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<f64, CalcError> {
        let mut value = self.atom()?;
        while let Some(token) = self.next_if(|t| matches!(t, Token::Star | Token::Slash)) {
            let right = self.atom()?;
            value = if token == Token::Star { value * right } else { divide(value, right)? };
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<f64, CalcError> {
        match self.next() {
            Some(Token::Number(value)) => Ok(value),
            Some(Token::Minus) => Ok(-self.atom()?),
            Some(Token::Open) => self.nested(),
            _ => Err(CalcError::UnexpectedEnd),
        }
    }

    fn nested(&mut self) -> Result<f64, CalcError> {
        if self.depth == MAX_DEPTH {
            return Err(CalcError::TooDeep);
        }
        self.depth += 1;
        let value = self.sum()?;
        self.next();
        self.depth -= 1;
        Ok(value)
    }

    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn next_if(&mut self, wanted: impl Fn(&Token) -> bool) -> Option<Token> {
        let found = self.tokens.get(self.at).filter(|t| wanted(t)).cloned();
        self.at += usize::from(found.is_some());
        found
    }
}

fn divide(value: f64, by: f64) -> Result<f64, CalcError> {
    if by == 0.0 { Err(CalcError::DivisionByZero) } else { Ok(value / by) }
}
