import { projectFolder } from '../../config/config.ts'
import { takeAlong } from '../../pipeline/language/source/bundle.ts'
import type { WhichPipeline } from '../../runtime/ports/pipelines.ts'
import type { Session } from '../connect/session.ts'
import { shortPath } from '../terminal/errors.ts'

/** A pipeline file for who does the work: by its path, or where it is not there, as a text with what it needs. */
export async function whichPipeline(
  file: string,
  folder: string,
  { isAway }: Pick<Session, 'isAway'>,
): Promise<WhichPipeline> {
  if (!isAway) return { file }
  return { source: await takeAlong(file, shortPath(file, folder), await projectFolder(folder)) }
}
