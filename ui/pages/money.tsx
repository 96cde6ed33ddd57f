import { formatMoney } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { useLoaded } from '../lib/load.ts'
import { href, route, setQuery } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown } from '../parts/basics.tsx'

export const COST_GROUPS = ['agent', 'owner', 'model', 'day'] as const
const DAYS: { readonly [name: string]: number } = { today: 0, '7 days': 6, '30 days': 29 }
const DAY_MS = 86_400_000

/** The money that budgets have booked, by agent, owner, model or day. The address says which. */
export function Money() {
  const { query } = route.value
  const by = COST_GROUPS.find((one) => one === query.get('by')) ?? 'agent'
  const time = query.get('time') ?? '7 days'
  const since = new Date(now.value - (DAYS[time] ?? 6) * DAY_MS).toISOString().slice(0, 10)
  const cost = useLoaded(`money ${by} ${since}`, () => client.budgets.cost({ since, by }), ['runs', 'threads'])
  return (
    <>
      <h1>Money</h1>
      <p class="chips spaced">
        {COST_GROUPS.map((one) => (
          <button key={one} type="button" class="chip" aria-pressed={one === by} onClick={() => setQuery({ by: one })}>
            by {one}
          </button>
        ))}
        <span class="divider" />
        {Object.keys(DAYS).map((one) => (
          <button
            key={one}
            type="button"
            class="chip"
            aria-pressed={one === time}
            onClick={() => setQuery({ time: one })}
          >
            {one}
          </button>
        ))}
      </p>
      <Shown of={cost}>
        {({ items }) => {
          if (items.length === 0) return <Empty title="No budget has booked anything in this time." />
          const total = items.reduce((sum, item) => sum + item.cost, 0)
          const most = Math.max(...items.map((item) => item.cost), Number.MIN_VALUE)
          return (
            <>
              <p class="total">
                {formatMoney(total)} <span class="quiet">in all</span>
              </p>
              <ul class="rows">
                {items.map((item) => (
                  <li key={item.name ?? ''} class="row need">
                    <span class="cell main name">
                      {by === 'agent' && item.name !== undefined ? (
                        <a href={href(['agents'], { agent: item.name })}>{item.name}</a>
                      ) : (
                        (item.name ?? 'without a name')
                      )}
                    </span>
                    <span class="cell">
                      <svg class="length" aria-hidden="true">
                        <rect class="track" width="100%" height="6" rx="3" />
                        <rect width={`${(item.cost / most) * 100}%`} height="6" rx="3" />
                      </svg>
                    </span>
                    <span class="cell num">{formatMoney(item.cost)}</span>
                  </li>
                ))}
              </ul>
              <p class="quiet small">Calls that no budget covers are not in it. Days are those of UTC.</p>
            </>
          )
        }}
      </Shown>
    </>
  )
}
