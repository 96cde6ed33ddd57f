/** Calls that a replay makes again, with another result, and what to write in their place. */
const AGAIN: readonly (readonly [call: RegExp, instead: string])[] = [
  [/\bDate\.now\s*\(|\bnew Date\s*\(\s*\)/, 'ctx.now()'],
  [/\bMath\.random\s*\(/, 'ctx.random()'],
  [/\brandomUUID\s*\(/, 'ctx.uuid()'],
  [/\bfetch\s*\(/, 'ctx.step(name, () => fetch(…))'],
  [/\bset(?:Timeout|Interval)\s*\(/, 'ctx.sleep(time)'],
]

/** Hints about calls in the source of a workflow. Calls in the functions of steps are right there. */
export function hintsIn(source: string): readonly string[] {
  const own = withoutSteps(source)
  return [...racesIn(own), ...againIn(own)]
}

/** A wait that loses a native race stays open, and takes the next signal. */
function racesIn(own: string): readonly string[] {
  const waits = [...own.matchAll(/\b(\w+)\s*=\s*\w+\.(?:signal|approve|sleep|sleepUntil)\s*\(/g)].map(
    ([, name]) => name!,
  )
  const isWait = new RegExp(
    ['\\.(?:signal|approve|sleep|sleepUntil)\\s*\\(', ...waits.map((name) => `\\b${name}\\b`)].join('|'),
  )
  return [...own.matchAll(/\bPromise\s*\.\s*(race|any)\s*\(/g)].flatMap(({ index, 0: call, 1: name }) => {
    const from = index + call.length
    return isWait.test(own.slice(from, endOf(own, from)))
      ? [`Promise.${name} leaves the waits open that lose, and they take signals: write ctx.race([…])`]
      : []
  })
}

function againIn(own: string): readonly string[] {
  return AGAIN.flatMap(([call, instead]) => {
    const found = call.exec(own)
    return found ? [`${found[0].replace(/\s*\(\s*\)?$/, '')}() is called again in each replay: write ${instead}`] : []
  })
}

/** The names that `patched` and `dropped` have in the source of a workflow. */
export const changesIn = (source: string): readonly string[] => [
  ...new Set([...source.matchAll(/\.(?:patched|dropped)\(\s*['"`]([\w-]+)['"`]/g)].map(([, name]) => name!)),
]

const OPENING = '([{'
const CLOSING = ')]}'

/** The source without texts, comments, and the arguments of `.step(…)`. A guess: it reads no regular expressions. */
function withoutSteps(source: string): string {
  const plain = source.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (found) => (found.startsWith('/') ? ' ' : "''"),
  )
  let own = ''
  for (let at = 0; at < plain.length; ) {
    const step = /\.step\s*\(/g
    step.lastIndex = at
    const found = step.exec(plain)
    if (!found) return own + plain.slice(at)
    own += plain.slice(at, found.index)
    at = endOf(plain, step.lastIndex)
  }
  return own
}

/** The place behind the bracket that closes. */
function endOf(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (OPENING.includes(text[at]!)) depth++
    if (CLOSING.includes(text[at]!)) depth--
    if (depth === 0) return at + 1
  }
  return text.length
}
