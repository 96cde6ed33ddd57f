import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VALUES } from './values.ts'

/** What a template came to: its text, or that it failed. */
export type Outcome = { readonly text?: string; readonly error?: string }

const file = (name: string) => join(import.meta.dirname, name)

/** Templates that are to come out as in Jinja2. */
export const templates = JSON.parse(readFileSync(file('templates.json'), 'utf8')) as readonly string[]

/** What Jinja2 makes of them: the text of each, null where it fails. Written by `node test/template/jinja/jinja.ts`. */
export const golden = () => JSON.parse(readFileSync(file('golden.json'), 'utf8')) as readonly (string | null)[]

/** What Jinja2 makes of templates over VALUES; undefined where python3 or its jinja2 is not installed. */
export function renderByJinja(all: readonly string[]): readonly Outcome[] | undefined {
  const input = JSON.stringify(all.map((template) => [template, VALUES]))
  const { status, stdout } = spawnSync('python3', [file('render.py')], { input, maxBuffer: 64 * 1024 * 1024 })
  return status === 0 ? (JSON.parse(stdout.toString()) as readonly Outcome[]) : undefined
}

if (import.meta.main) {
  const outcomes = renderByJinja(templates)
  if (!outcomes) throw new Error('python3 with jinja2 is needed (python3-jinja2)')
  writeFileSync(
    file('golden.json'),
    `${JSON.stringify(
      outcomes.map(({ text = null }) => text),
      null,
      1,
    )}\n`,
  )
}
