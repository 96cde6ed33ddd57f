import type { RunDocument } from '../../src/client.ts'
import { client } from '../lib/server.ts'
import { List } from '../parts/allowed.tsx'
import { Action, Empty, offer } from '../parts/basics.tsx'

export function Files({ id, run }: { readonly id: string; readonly run: RunDocument }) {
  return (
    <List of={run.artifacts} empty={<Empty title="No step wrote a file." />}>
      {({ step, location }) => (
        <li key={`${step} ${location}`} class="row need">
          <span class="cell main name">{location}</span>
          <span class="cell quiet">step {step}</span>
          <span class="cell num">
            <Action label="Download" does={() => save(id, step, location)} />
          </span>
        </li>
      )}
    </List>
  )
}

async function save(run: string, step: string, path: string): Promise<void> {
  const bytes = await client.runs.artifact(run, step)
  offer(new Blob([bytes as Uint8Array<ArrayBuffer>]), path.split('/').at(-1) ?? 'file')
}
