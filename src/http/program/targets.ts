import { resolve } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import type { PipelineText, WhichPipeline } from '../../run/room/port.ts'

/** Pipelines of a program by name: the path of a file, or a text. */
export type AppPipelines<Name extends string = string> = { readonly [Pipeline in Name]: string | PipelineText }

/** A pipeline of the program as a request names it. InvalidError if there is none. */
export function sourceOf(pipelines: AppPipelines, name: string): WhichPipeline {
  if (typeof name !== 'string') throw notAName(name)
  const found = Object.hasOwn(pipelines, name) ? pipelines[name] : undefined
  if (found === undefined)
    throw new InvalidError(`This program has no pipeline ${JSON.stringify(name)}.`, {
      place: { path: 'pipelines' },
      hint: `Give it to start: start({ pipelines: { ${JSON.stringify(name)}: 'file.yaml' } }).`,
    })
  return typeof found === 'string' ? { file: resolve(found) } : { source: { name: `${name}.yaml`, ...found } }
}

/** InvalidError for a value that is no workflow, such as the name of a pipeline. */
export function checkWorkflow(given: unknown): void {
  if (typeof (given as { readonly name?: unknown } | null | undefined)?.name === 'string') return
  const text =
    typeof given === 'string' ? `: for the pipeline ${clip(given, 100)}, use app.run` : `, got ${typeof given}`
  throw new InvalidError(`app.start takes a workflow${text}.`, { place: { path: 'workflow' } })
}

function notAName(given: unknown): InvalidError {
  const { name, run } = (given ?? {}) as { readonly name?: unknown; readonly run?: unknown }
  const isWorkflow = typeof name === 'string' && typeof run === 'function'
  const text = isWorkflow ? `: for the workflow ${name}, use app.start(workflow, input)` : `, got ${typeof given}`
  return new InvalidError(`app.run takes the name of a pipeline${text}.`, { place: { path: 'pipelines' } })
}
