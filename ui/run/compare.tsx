import type { RunDocument, StepDocument } from '../../src/client.ts'
import { formatMoney, formatSpan } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown, Status } from '../parts/basics.tsx'

type Props = { readonly id: string; readonly run: RunDocument; readonly other: string | undefined }

/** Two runs side by side: this one, and another or the last good one of the same name. */
export function Compare({ id, run, other }: Props) {
  const found = useLoaded(`compare ${id} ${other ?? ''}`, async () => {
    const with_ = other ?? (await lastGood(id, run))
    return with_ === undefined ? null : client.runs.get(with_)
  })
  return (
    <Shown of={found}>
      {(against) =>
        against === null ? (
          <Empty title={`No other run of ${run.name} has completed before.`} />
        ) : (
          <Table id={id} run={run} against={against} />
        )
      }
    </Shown>
  )
}

async function lastGood(id: string, { name, started_at }: RunDocument): Promise<string | undefined> {
  const runs = await client.runs.list({ name, status: 'completed', until: Date.parse(started_at), limit: 5 })
  return runs.find((run) => run.id !== id)?.id
}

function Table({
  id,
  run,
  against,
}: {
  readonly id: string
  readonly run: RunDocument
  readonly against: RunDocument
}) {
  const ids = [...new Set([...Object.keys(run.steps), ...Object.keys(against.steps)])]
  const other = against.execution_id
  return (
    <table class="compare">
      <thead>
        <tr>
          <th>Step</th>
          <th>
            this run <Status of={run.status} />
          </th>
          <th>
            <a href={href(['runs', other])}>{other}</a> <Status of={against.status} />
          </th>
          <th>Differs</th>
        </tr>
      </thead>
      <tbody>
        {ids.map((step) => (
          <tr key={step}>
            <th scope="row">
              <a href={href(['runs', id], { view: 'compare', with: other, step })}>{step}</a>
            </th>
            <td>
              <Side step={run.steps[step]} />
            </td>
            <td>
              <Side step={against.steps[step]} />
            </td>
            <td>{differenceOf(run.steps[step], against.steps[step])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Side({ step }: { readonly step: StepDocument | undefined }) {
  if (!step) return <span class="quiet">not in this run</span>
  const costs = (step.models ?? []).flatMap(({ cost }) => (cost === undefined ? [] : [cost]))
  return (
    <>
      <Status of={step.status} /> {step.duration !== null && formatSpan(step.duration * 1000)}{' '}
      {costs.length > 0 && formatMoney(costs.reduce((sum, cost) => sum + cost, 0))}{' '}
      {step.reused && <span class="quiet">reused</span>}
    </>
  )
}

function differenceOf(one: StepDocument | undefined, two: StepDocument | undefined): string {
  if (!one || !two) return 'the step'
  const parts = [
    one.status !== two.status && 'status',
    one.error_code !== two.error_code && 'error',
    one.model !== two.model && 'model',
    JSON.stringify(resultIn(one)) !== JSON.stringify(resultIn(two)) && 'result',
  ]
  return parts.filter(Boolean).join(', ') || 'nothing'
}

const resultIn = ({ value }: StepDocument) =>
  typeof value === 'object' && value !== null && 'result' in value ? value.result : value
