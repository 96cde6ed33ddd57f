import { diffLines } from './diff.ts'

const MAX_LINES = 400

type Props = {
  readonly name: string
  readonly left: string
  readonly right: string
  /** the two things that are compared */
  readonly of?: string
}

/** Two texts side by side, with the lines that differ. */
export function DiffPart({ name, left, right, of = 'both runs' }: Props) {
  if (left === '' && right === '') return null
  if (left === right) return <p class="quiet small">{name}: the same in both</p>
  const lines = diffLines(left, right)
  return (
    <>
      <h3>{name}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard */}
      <section class="diff" tabIndex={0} aria-label={`${name} of ${of}`}>
        {(['left', 'right'] as const).map((side) => (
          <pre key={side}>
            {lines
              .filter((line) => line.side === 'both' || (line.side === side && (side === 'left' ? left : right) !== ''))
              .slice(0, MAX_LINES)
              .map((line, index) => (
                <code key={index} class={line.side === 'both' ? '' : `only-${side}`}>
                  {line.side !== 'both' && <span class="unseen">only here: </span>}
                  {line.text}
                  {'\n'}
                </code>
              ))}
          </pre>
        ))}
      </section>
      {lines.length > MAX_LINES && <p class="quiet small">The first {MAX_LINES} lines are shown.</p>}
    </>
  )
}
