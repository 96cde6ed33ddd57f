import { formatMoney } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ListIfAllowed, ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Command, Empty, Length } from '../parts/basics.tsx'

/** The models that can answer, and which one is the default. */
export function Models() {
  const models = useAllowed('models', () => client.catalogue.models())
  return (
    <>
      <ShownIfAllowed of={models}>
        {(found) => (
          <ul class="rows">
            {found.map(({ id, offline, default: isDefault }) => (
              <li key={id} class="row need">
                <span class="cell main name">{id}</span>
                <span class="cell quiet">{offline ? 'prompts stay on this machine' : 'asks its provider'}</span>
                <span class="cell num">{isDefault && <span class="tag">default</span>}</span>
              </li>
            ))}
          </ul>
        )}
      </ShownIfAllowed>
      <Command words={['models', 'list']} />
    </>
  )
}

/** The budgets: what each has spent of its limit, and what waits for it. */
export function Budgets() {
  const budgets = useAllowed('budgets', () => client.budgets.list({ limit: 1000 }), ['runs', 'inbox'])
  return (
    <ListIfAllowed
      of={budgets}
      empty={
        <Empty title="There are no budgets.">
          Set one: <code>antiphon budget set owner-day/local 5</code>
        </Empty>
      }
    >
      {({ scope, spent, reserved, limit, waiting }) => (
        <li key={scope} class="row need">
          <span class="cell main names">
            <span class="name">{scope}</span>
            <span class="id">
              {formatMoney(spent)} of {formatMoney(limit)}
              {reserved > 0 && `, ${formatMoney(reserved)} held for running calls`}
            </span>
          </span>
          <span class="cell">
            <Length share={limit === 0 ? 1 : Math.min(1, spent / limit)} />
          </span>
          <span class="cell num">{waiting.length > 0 && <a href={href(['inbox'])}>{waiting.length} waiting</a>}</span>
        </li>
      )}
    </ListIfAllowed>
  )
}
