import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { TerminalError } from '../../errors.ts'
import type { NoticeDocument } from '../../notify/room/port.ts'
import { signingKey } from '../../notify/signature.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import { openSecrets, secretsFileIn } from '../../secret/store.ts'
import { type Cli, loadSetup } from '../cli.ts'
import { isWithoutNode } from '../connect/cluster.ts'
import { withReader } from '../connect/session.ts'
import { formatCount } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'

type NotifySetup = Pick<Config, 'data' | 'notify' | 'serve'>

/** Reports on the receivers under `notify:`; a TerminalError names a secret that is missing, or messages given up. */
export async function describeNotify(
  { data, notify = [], serve }: NotifySetup,
  environment: Terminal['environment'],
  untaken: () => Promise<readonly NoticeDocument[]>,
): Promise<string> {
  if (notify.length === 0) return 'no receiver: what waits for people is in antiphon inbox only'
  const secrets = openSecrets({ file: secretsFileIn(data), environment })
  for (const { secret, url } of notify) {
    const name = secret.slice(SECRET_SCHEME.length)
    const value = await secrets.get(name)
    const { origin } = new URL(url)
    if (value === undefined)
      throw new TerminalError(`There is no secret ${name}, so nothing is sent to ${origin}.`, {
        hint: `Keep the secret that the receiver gave you (whsec_…): antiphon keys set ${name}`,
      })
    signingKey(value)
  }
  const notices = await untaken()
  const failed = notices.filter(({ status }) => status === 'failed').length
  const pending = notices.length - failed
  if (failed > 0)
    throw new TerminalError(`${formatCount(failed, 'message')} given up after a day.`, {
      hint: 'See antiphon notify list. To send them again: antiphon deadletters',
    })
  const waiting = pending === 0 ? '' : `; ${formatCount(pending, 'message')} not taken yet, see antiphon notify list`
  const links = serve?.publicUrl === undefined ? '; messages have no links: set serve: { publicUrl: https://… }' : ''
  return `${formatCount(notify.length, 'receiver')}${waiting}${links}`
}

/** The messages that their receivers have not taken. */
export async function untakenNotices(cli: Cli, data: string | undefined): Promise<readonly NoticeDocument[]> {
  const setup = await loadSetup(cli, data)
  if (!existsSync(setup.data) || (await isWithoutNode(setup.data))) return []
  let found: readonly NoticeDocument[] = []
  await withReader(cli, { command: 'antiphon doctor', data }, async ({ client }) => {
    found = await client.notices.list()
    return 0
  })
  return found
}
