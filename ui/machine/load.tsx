import { formatCount, formatMoment, formatSpan, now } from '../lib/format.ts'
import { route, setQuery } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Empty } from '../parts/basics.tsx'
import { Chip } from '../parts/filters.tsx'

type Line = Awaited<ReturnType<typeof client.inspector.series>>['lines'][number]

const SPANS = { hour: 'last hour', day: 'last day' } as const
const WORDS: { readonly [name: string]: string } = {
  active: 'runs and asks at work',
  cpu: 'seconds of CPU a minute',
  memory: 'MiB of memory',
  turns: 'turns a minute',
  commits: 'commits a minute',
  mail: 'messages that wait',
  behind: 'seconds that the replica is behind',
  running: 'tasks at work',
  queued: 'tasks in the queue',
  done: 'tasks done a minute',
}

/** What this process did in the last hour or day, a chart for each number. */
export function Load() {
  const span = route.value.query.get('span') === 'day' ? 'day' : 'hour'
  const minute = Math.floor(now.value / 60_000)
  const series = useAllowed(`series ${span} ${minute}`, () => client.inspector.series({ span }))
  return (
    <>
      <p class="chips spaced">
        {(['hour', 'day'] as const).map((one) => (
          <Chip key={one} isOn={one === span} press={() => setQuery({ span: one === 'hour' ? '' : one })}>
            {SPANS[one]}
          </Chip>
        ))}
      </p>
      <ShownIfAllowed of={series}>
        {({ lines, every, until }) =>
          lines.length === 0 ? (
            <Empty title="This process has not looked yet." />
          ) : (
            <>
              <ul class="cards">
                {lines.map((line) => (
                  <li key={`${line.pool} ${line.name}`} class="card">
                    <Chart line={line} />
                  </li>
                ))}
              </ul>
              <p class="quiet small">
                A point is {formatSpan(every)}; the last one is {formatMoment(until)}. A gap is a time in which this
                process did not look. A restart begins anew.
              </p>
            </>
          )
        }
      </ShownIfAllowed>
    </>
  )
}

function Chart({ line: { name, pool, values } }: { readonly line: Line }) {
  const known = values.filter((value) => value !== null)
  const [most, last] = [Math.max(0, ...known), known.at(-1)]
  const said = last === undefined ? 'no value yet' : `now ${numbered(last)}, at most ${numbered(most)}`
  return (
    <>
      <h2>{pool ?? 'The process'}</h2>
      <p class="quiet small">
        {WORDS[name] ?? name}: {said}
      </p>
      <svg
        class="series"
        viewBox={`0 0 ${values.length} 40`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${WORDS[name] ?? name} of ${pool ?? 'the process'}: ${said}`}
      >
        {values.map((value, at) => {
          const height = value === null || most === 0 ? 0 : (value / most) * 38
          return (
            <rect key={at} x={at + 0.1} y={40 - Math.max(height, value === null ? 0 : 1)} width="0.8" height="40" />
          )
        })}
      </svg>
    </>
  )
}

const numbered = (value: number) => formatCount(Math.round(value * 10) / 10)
