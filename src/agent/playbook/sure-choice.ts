import type { ModelReply } from '../../model/request/request.ts'
import type { Playbook } from './playbook.ts'

/** The name of the playbook that a classifier chose; null when it was not sure, or chose none of them. Pure. */
export function sureChoice(
  playbooks: readonly Pick<Playbook, 'name'>[],
  { text, refused, unsure }: Pick<ModelReply, 'text' | 'refused' | 'unsure'>,
): string | null {
  const isSure = refused === undefined && !unsure && playbooks.some(({ name }) => name === text)
  return isSure ? text : null
}
