import { formatMoney, now } from '../lib/format.ts'
import { href, route, setQuery } from '../lib/router.ts'
import { costGroups, isBooked, spendingSince } from '../lib/spending.ts'
import { ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Empty, Length } from '../parts/basics.tsx'
import { Chip } from '../parts/filters.tsx'

const DAYS: { readonly [name: string]: number } = { today: 0, '7 days': 6, '30 days': 29 }
const DAY_MS = 86_400_000

/** The money of runs and goals, or what budgets have booked by agent, owner, model or day. The address says which. */
export function Money() {
  const { query } = route.value
  const groups = costGroups()
  const by = groups.find((one) => one === query.get('by')) ?? 'work'
  const time = query.get('time') ?? '7 days'
  const since = new Date(now.value - (DAYS[time] ?? 6) * DAY_MS).toISOString().slice(0, 10)
  const cost = useAllowed(
    `money ${by} ${since}`,
    () => spendingSince(since, by),
    isBooked(by) ? ['runs', 'threads'] : [],
  )
  return (
    <>
      <h1>Money</h1>
      <p class="chips spaced">
        {groups.map((one) => (
          <Chip key={one} isOn={one === by} press={() => setQuery({ by: one })}>
            by {one}
          </Chip>
        ))}
        <span class="divider" />
        {Object.keys(DAYS).map((one) => (
          <Chip key={one} isOn={one === time} press={() => setQuery({ time: one })}>
            {one}
          </Chip>
        ))}
      </p>
      <ShownIfAllowed of={cost}>
        {({ items, isCut }) => {
          if (items.length === 0)
            return (
              <Empty
                title={isBooked(by) ? 'No budget has booked anything in this time.' : 'No work has cost anything.'}
              >
                {isBooked(by) && (
                  <>
                    Only calls that a budget covers are counted here.{' '}
                    <a href={href(['money'], { time })}>What runs and goals cost</a>
                  </>
                )}
              </Empty>
            )
          const total = items.reduce((sum, item) => sum + item.cost, 0)
          const most = Math.max(...items.map((item) => item.cost), Number.MIN_VALUE)
          return (
            <>
              <p class="total">
                {formatMoney(total)} <span class="quiet">{isBooked(by) ? 'booked by budgets' : 'in all'}</span>
              </p>
              <ul class="rows">
                {items.map((item) => (
                  <li key={item.name ?? ''} class="row need">
                    <span class="cell main name">
                      <Name of={item.name} by={by} />
                    </span>
                    <span class="cell">
                      <Length share={item.cost / most} />
                    </span>
                    <span class="cell num">{formatMoney(item.cost)}</span>
                  </li>
                ))}
              </ul>
              <p class="quiet small">
                {isBooked(by)
                  ? 'Calls that no budget covers are not in it.'
                  : isCut
                    ? 'Only the newest 500 runs and goals are added up.'
                    : 'Runs and goals that began in this time.'}{' '}
                Days are those of UTC.
              </p>
            </>
          )
        }}
      </ShownIfAllowed>
    </>
  )
}

/** What spent it, with the page where its work is. */
function Name({ of, by }: { readonly of: string | undefined; readonly by: string }) {
  if (of === undefined) return <>without a name</>
  const agent = by === 'agent' ? of : by === 'work' && of.startsWith('agent ') ? of.slice('agent '.length) : undefined
  if (agent !== undefined) return <a href={href(['agents'], { agent })}>{of}</a>
  if (by === 'owner') return <a href={href(['runs'], { owner: of, all: '1' })}>{of}</a>
  return by === 'work' ? <a href={href(['runs'], { name: of, all: '1' })}>{of}</a> : of
}
