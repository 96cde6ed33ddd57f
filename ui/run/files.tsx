import type { RunDocument } from '../../src/client.ts'
import { client } from '../lib/server.ts'
import { Action, Empty, offer } from '../parts/basics.tsx'

export function Files({ id, run }: { readonly id: string; readonly run: RunDocument }) {
  if (run.artifacts.length === 0) return <Empty title="No step wrote a file." />
  return (
    <ul class="rows">
      {run.artifacts.map((file) => (
        <li key={`${file.step} ${file.location}`} class="row need">
          <span class="cell main name">{file.location}</span>
          <span class="cell quiet">step {file.step}</span>
          <span class="cell num">
            <Action label="Download" does={() => save(id, file.step, file.location)} />
          </span>
        </li>
      ))}
    </ul>
  )
}

async function save(run: string, step: string, path: string): Promise<void> {
  const bytes = await client.runs.artifact(run, step)
  offer(new Blob([bytes as Uint8Array<ArrayBuffer>]), path.split('/').at(-1) ?? 'file')
}
