import { command } from '../lib/commands.ts'
import { href, route } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ListIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Command, Empty, Status } from '../parts/basics.tsx'

/** The actors with work, each below the one that it works for; or all below the actor of the address. */
export function Tree() {
  const ref = route.value.query.get('ref') ?? undefined
  const tree = useAllowed(`tree ${ref}`, () => client.inspector.tree(ref), ['runs', 'threads'])
  return (
    <>
      {ref !== undefined && (
        <p>
          <a href={href(['machine'], { view: 'tree' })}>All actors with work</a>
        </p>
      )}
      <ListIfAllowed of={tree} kind="branches" empty={<Empty title="No actor has work." />}>
        {(one) => <Twig key={one.of} branch={one} />}
      </ListIfAllowed>
      <Command text={command('tree', ...(ref === undefined ? [] : [ref]))} />
    </>
  )
}

function Twig({ branch }: { readonly branch: Awaited<ReturnType<typeof client.inspector.tree>>[number] }) {
  const { of, status, note, branches, more } = branch
  return (
    <li>
      <Status of={status} quiet /> <a href={href(['machine'], { view: 'tree', ref: of })}>{of}</a>{' '}
      <span class="quiet small">
        {status}
        {note && ` · ${note}`} · <a href={href(['machine'], { view: 'actors', ref: of })}>why</a>
      </span>
      {branches.length > 0 && (
        <ul class="branches">
          {branches.map((one) => (
            <Twig key={one.of} branch={one} />
          ))}
        </ul>
      )}
      {more > 0 && <p class="quiet small">and {more} more</p>}
    </li>
  )
}
