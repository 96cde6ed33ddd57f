import { openAdmin } from './admin-api.ts'
import { type Release, surveyReleases } from './releases.ts'
import { type Service, type Settings, surveySettings } from './service-settings.ts'
import { type Stored, surveyClock, surveyStored } from './stored-data.ts'
import { type Stuck, surveyStuck } from './stuck-turns.ts'

export type { Release, Settings, Stored, Stuck }

/** What a Restate server says of an application. */
export type Survey = {
  readonly admin: string
  /** the newest first */
  readonly releases: readonly Release[]
  readonly stuck: readonly Stuck[]
  readonly settings: readonly Settings[]
  readonly stored: Stored
  /** ms that the server's clock is ahead of this machine's */
  readonly ahead: number
}

/** Asks a server all that an operator should know of an application on it; reads only, and needs no node. */
export async function surveyServer(url: string, namespace: string): Promise<Survey> {
  const admin = openAdmin(url)
  const { services } = await admin.get<{ readonly services: readonly Service[] }>('/services')
  const [releases, stuck, stored, ahead] = await Promise.all([
    surveyReleases(admin, namespace),
    surveyStuck(admin, namespace),
    surveyStored(admin, services, namespace),
    surveyClock(admin),
  ])
  return { admin: url, releases, stuck, settings: surveySettings(services, namespace), stored, ahead }
}
