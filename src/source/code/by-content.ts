import { extname } from 'node:path'

/** The lines of a language, each for its first sign. `defines`: hardly ever in prose; the others are weaker. */
type Signs = { readonly ending: string; readonly defines: RegExp; readonly others: readonly RegExp[] }

const RETURN = /^\s+(?:return|throw|raise|yield)\b/
const CALL = /^\s*(?:await |new )?[\w.$]+[\w!:]?\(.*\)[;,]?$/
const STATEMENT = /^\s*[\w*&}(].*;$/
const BRANCH = /^\s*(?:\} ?)?(?:if|else|for|while|switch|select|match|do|try|catch|finally|loop|case)\b.*[{:]$/

const SIGNS: { readonly [language: string]: Signs } = {
  Python: {
    ending: 'py',
    defines: /^\s*(?:(?:async )?def \w+\(|class \w+(?:\(.*\))?:$|if __name__ ?==)/,
    others: [
      /^\s*(?:import [\w.]+(?:,? [\w., ]+)?|from [\w.]+ import [\w(*].*)$/,
      /^\s*(?:(?:if|elif|while|with|for|except)\b.*|else|try|finally):$/,
      /^\s*(?:return|raise|yield|pass|break|continue|assert|del|global)\b/,
      /^\s*[a-z_][\w.]*(?:\[.+\])?(?:: ?[\w.[\], |]+)? ?[-+*/]?= ?\S/i,
      /^\s*@\w[\w.]*(?:\(.*\))?$/,
      CALL,
    ],
  },
  'JavaScript or TypeScript': {
    ending: 'ts',
    defines:
      /^\s*(?:export )?(?:default )?(?:(?:async )?function\*? ?\w*\(|(?:abstract )?(?:class|interface|enum) \w+.*\{$|(?:const|let|var) [\w{[].*(?:=>|require\(|\bfunction\b))/,
    others: [
      /^\s*(?:import .*|export .+ from )['"].+['"];?$/,
      /^\s*(?:export )?(?:const|let|var|type) [\w{[].*=/,
      /=> ?[{(]?$/,
      BRANCH,
      RETURN,
      CALL,
      STATEMENT,
    ],
  },
  Go: {
    ending: 'go',
    defines: /^(?:func (?:\(.*\) )?\w+\(|type \w+ (?:struct|interface) \{$)/,
    others: [/^package \w+$/, /^import (?:\(|")/, /^\s*[\w, ]+ :?= \S/, BRANCH, RETURN, CALL],
  },
  Rust: {
    ending: 'rs',
    defines: /^\s*(?:pub(?:\(\w+\))? )?(?:(?:async )?fn \w+|(?:struct|enum|trait|mod) \w.*[{;]$|impl\b.*\{$)/,
    others: [/^\s*(?:pub )?use [\w:].*;$/, /^\s*#!?\[.+\]$/, /^\s*let (?:mut )?\w.*=/, BRANCH, RETURN, CALL, STATEMENT],
  },
  Java: {
    ending: 'java',
    defines: /^\s*(?:(?:public|private|protected|static|abstract|final) )+.*[{;]$/,
    others: [
      /^(?:import|package) [\w.]+\*?;$/,
      /^\s*(?:class|interface|enum) \w.*\{$/,
      /^\s*@\w+/,
      BRANCH,
      RETURN,
      STATEMENT,
    ],
  },
  C: {
    ending: 'cpp',
    defines:
      /^\s*(?:#\s*(?:include\s*[<"]|define \w|ifn?def \w|endif)|typedef |(?:static |const |unsigned )*(?:int|void|char|long|double|float|bool|struct \w+)[ *]+\w+\(.*[{)]$)/,
    others: [
      /^\s*(?:const |unsigned )*(?:int|char|long|double|float|struct \w+)[ *]+\w.*;$/,
      BRANCH,
      RETURN,
      STATEMENT,
    ],
  },
  shell: {
    ending: 'sh',
    defines: /^\s*(?:#! ?\/.*sh\b|if \[.*|.*; (?:then|do)$|fi$|esac$|\w+\(\) \{$)/,
    others: [
      /^\s*(?:export |local |readonly )?[a-z_]\w*=(?:\S|$)/i,
      /^\s*(?:set -|echo |cd |exit\b|mkdir |cp |mv |rm |grep |sed |curl |git |npm |export |done\b|then$|do$|else$)/,
      /\$[\w{(?@]/,
    ],
  },
}

const MAX_INSPECTED_LENGTH = 20_000
const MIN_LINES = 3
const MIN_SHARE = 0.7

const COMMENT = /^\s*(?:#(?!!| ?(?:include|define|ifn?def|endif)|\[)|\/\/|--)/
const LONG_COMMENT = /("""|''')[\s\S]{0,4000}?\1|\/\*[\s\S]{0,4000}?\*\//g
/** A line that goes on or closes what is open: a part of code, and no sign of it. */
const LOOSE = /^\s*[\])}]+[\])},;:]*$|^\s+\S.*[,([{]$/

/**
 * A file that is a text by its name, `.txt` or no ending, and source code by its content: `name` is its name as code,
 * and `reason` is a sentence about it. Absent: the file is what its name says. Several independent signs decide;
 * prose with a line of code stays a text.
 */
export function codeByContent(
  name: string,
  text: string,
): { readonly name: string; readonly reason: string } | undefined {
  if (!/^(?:|\.te?xt)$/i.test(extname(name))) return undefined
  const head = text.slice(0, MAX_INSPECTED_LENGTH)
  if (/^[ \t]*(?:```|~~~)/m.test(head)) return undefined
  const lines = head
    .replace(LONG_COMMENT, '')
    .split(/\r?\n/)
    .map((line) => line.trimEnd().slice(0, 500))
    .filter((line) => line !== '' && !COMMENT.test(line))
  const [best] = Object.entries(SIGNS)
    .map(([language, signs]) => ({ language, ending: signs.ending, count: linesLike(signs, lines) }))
    .sort((a, b) => b.count - a.count)
  if (best === undefined || lines.length < MIN_LINES || best.count < lines.length * MIN_SHARE) return undefined
  const reason = `it is read as code, since ${best.count} of ${lines.length} lines are ${best.language}`
  return { name: `${name}.${best.ending}`, reason }
}

/** How many lines are in this language; 0 if they do not show enough different signs of it. */
function linesLike({ defines, others }: Signs, lines: readonly string[]): number {
  const shown = lines.map((line) => [defines, ...others].findIndex((sign) => sign.test(line)))
  const kinds = new Set(shown.filter((kind) => kind >= 0))
  if (kinds.size < (kinds.has(0) ? 2 : 4)) return 0
  return shown.filter((kind, at) => kind >= 0 || LOOSE.test(lines[at]!)).length
}
