import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Mutation, mutate } from './mutation.ts'

/** A copy of the repository that faults are put into. */
export interface Copy {
  readonly folder: string
  /** Where its tests put what they need for a while. */
  readonly temporary: string
  /** Puts the fault into the copy while `work` is done; an InvalidError says when it cannot be. */
  withMutation<T>(mutation: Mutation, work: () => Promise<T>): Promise<T>
  remove(): Promise<void>
}

const COPIED = ['bin', 'src', 'packages', 'trials', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']

/** What begins with a dot other tests put there for a while. */
const isKept = (path: string) => !basename(path).startsWith('.')

export async function copyRepository(root: string): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-mutate-'))
  const temporary = join(folder, 'tmp')
  for (const name of COPIED) await cp(join(root, name), join(folder, name), { recursive: true, filter: isKept })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await mkdir(temporary)
  return {
    folder,
    temporary,
    async withMutation(mutation, work) {
      const path = join(folder, mutation.file)
      const source = await readFile(path, 'utf8')
      await writeFile(path, mutate(source, mutation))
      try {
        return await work()
      } finally {
        await writeFile(path, source)
      }
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}
