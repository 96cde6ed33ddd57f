import { type Admin, openAdmin } from './admin-api.ts'
import { type Release, surveyReleases } from './releases.ts'
import { isOwn } from './service-names.ts'
import { type DeployedService, type ServiceSettings, surveySettings } from './service-settings.ts'
import { type StuckTurn, surveyStuckTurns } from './stuck-turns.ts'

/** The data of an application on a Restate server. */
export type Survey = {
  readonly admin: string
  /** the newest first */
  readonly releases: readonly Release[]
  readonly stuck: readonly StuckTurn[]
  readonly settings: readonly ServiceSettings[]
  readonly stored: StoredState
  /** ms by which the server's clock is ahead of this machine's */
  readonly ahead: number
}

/** Reads from a server all that an operator must know of an application on it. It changes nothing and needs no node. */
export async function surveyServer(url: string, namespace: string): Promise<Survey> {
  const admin = openAdmin(url)
  const { services } = await admin.get<{ readonly services: readonly DeployedService[] }>('/services')
  const [releases, stuck, stored, ahead] = await Promise.all([
    surveyReleases(admin, namespace),
    surveyStuckTurns(admin, namespace),
    surveyStored(admin, services, namespace),
    surveyClock(admin),
  ])
  return { admin: url, releases, stuck, settings: surveySettings(services, namespace), stored, ahead }
}

export type StoredState = {
  /** totals of all applications: a query for one would scan all */
  readonly rows: number
  /** services of this application that have state or mail, and that no release has */
  readonly lost: readonly string[]
}

async function surveyStored(
  admin: Admin,
  services: readonly { readonly name: string }[],
  namespace: string,
): Promise<StoredState> {
  const [states, mail] = await Promise.all([
    admin.query('select service_name as service, count(*) as number from state group by service_name'),
    admin.query(
      `select distinct target_service_name as service from sys_invocation_status where status <> 'completed'`,
    ),
  ])
  const known = new Set(services.map(({ name }) => name))
  const used = new Set([...states, ...mail].map((row) => String(row.service)))
  return {
    rows: states.reduce((sum, row) => sum + Number(row.number), 0),
    lost: [...used].filter((name) => isOwn(namespace, name) && !known.has(name)).sort(),
  }
}

/** ms by which the server's clock is ahead of this machine's, exact to half the time of the request. */
async function surveyClock(admin: Admin): Promise<number> {
  const asked = Date.now()
  const [row] = await admin.query('select cast(now() as varchar) as now')
  const answered = Date.now()
  const ahead = Date.parse(`${String(row!.now).slice(0, 23)}Z`) - (asked + answered) / 2
  const doubt = (answered - asked) / 2
  return Math.abs(ahead) <= doubt ? 0 : Math.round(ahead)
}
