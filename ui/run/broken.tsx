import type { RunDocument } from '../../src/client.ts'
import { causesIn } from '../lib/format.ts'
import { href, route } from '../lib/router.ts'
import { constantWords } from './constant-words.ts'

/** Why a run failed, with the step, the runs that failed in the same way, and the last good run. */
export function Broken({ run, step }: { readonly run: RunDocument; readonly step: string | undefined }) {
  const { error, error_code, error_hint } = run
  const words = constantWords(error ?? '')
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>
          {run.status === 'cancelled' ? 'Cancelled' : 'Failed'}
          {step && (
            <>
              {' at '}
              <a href={href(route.value.path, { ...Object.fromEntries(route.value.query), step })}>{step}</a>
            </>
          )}
        </strong>{' '}
        {error}
      </p>
      {causesIn(run.error_stack).map((cause) => (
        <p class="quiet">{cause}</p>
      ))}
      {error_hint && <p class="quiet">{error_hint}</p>}
      {error_code && (
        <p class="small">
          {words !== '' && (
            <>
              <a href={failedRuns(error_code, words)}>All runs that failed this way</a>
              {' · '}
            </>
          )}
          <a href={failedRuns(error_code)}>
            all with <code>{error_code}</code>
          </a>
          {' · '}
          <a href={href(route.value.path, { view: 'compare' })}>What differs from the last good run</a>
        </p>
      )}
    </div>
  )
}

/** The list of runs that failed with a code. Most tools share one code, so the words of the error narrow it. */
const failedRuns = (code: string, words = '') =>
  href(['runs'], { status: 'failed', error: code, text: words, all: '1' })
