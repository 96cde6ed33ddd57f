import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runHere } from '../../cli/here.ts'
import { REAL } from '../../cli/programs.ts'

const EXAMPLES = join(import.meta.dirname, '../../../examples/agents')

/** A copy of the folder of an example, and commands in it. */
export async function openExample(name: string) {
  const folder = await mkdtemp(join(tmpdir(), `antiphon-${name}-`))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await cp(join(EXAMPLES, name), folder, { recursive: true, filter: (path) => !path.endsWith('.antiphon') })
  return {
    folder,
    run: (...args: readonly string[]) => runHere(REAL, args, { folder }),
    read: (path: string) => readFile(join(folder, path), 'utf8'),
  }
}

/** The arguments of the first command of a page that gives a goal to an agent, as it stands there. */
export function commandOf(page: string): readonly string[] {
  const [, agent = '', goal = ''] = /^npx antiphon agent run (\S+) "([^"]+)"$/m.exec(page) ?? []
  return ['agent', 'run', agent, goal]
}
