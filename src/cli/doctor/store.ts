import { judgeVersion, MIN_VERSION, TESTED_VERSION } from '../../engine/restate/admin/server-info.ts'
import { type Survey, surveyServer } from '../../engine/restate/admin/survey.ts'
import type { Setup } from '../cli.ts'
import { type ClusterPlace, findCluster } from '../connect/cluster.ts'
import { type Check, failedCheck } from './check.ts'
import { clusterChecks } from './cluster.ts'
import { sqliteVersion } from './machine.ts'

/** Examines the store; for a Restate server also its view of the application. */
type StoreExamination = { readonly checks: readonly Check[]; readonly survey?: Survey }

export async function examineStore(setup: Setup, folder: string): Promise<StoreExamination> {
  try {
    const place = await findCluster(setup)
    if (!place) return { checks: [LIBSQL()] }
    const store = checkServer(place)
    return place.namespace === undefined
      ? { checks: [store] }
      : await examineCluster(store, place.namespace, place, folder)
  } catch (error) {
    return { checks: [failedCheck('store', error, folder)] }
  }
}

async function examineCluster(
  store: Check,
  namespace: string,
  { admin }: ClusterPlace,
  folder: string,
): Promise<StoreExamination> {
  try {
    const survey = await surveyServer(admin, namespace)
    return { checks: [store, ...clusterChecks(survey)], survey }
  } catch (error) {
    return { checks: [store, failedCheck('cluster', error, folder)] }
  }
}

const LIBSQL = (): Check => ({
  name: 'store',
  ok: true,
  text: `libSQL with SQLite ${sqliteVersion()}; no other program may open the files of the data folder`,
})

function checkServer({ version, answering, silent, ingress, namespace }: ClusterPlace): Check {
  const what = `restate-server ${version} at ${answering.join(', ')}`
  const verdict = judgeVersion(version)
  if (verdict === 'too-old')
    return {
      name: 'store',
      ok: false,
      text: `${what} is too old: version ${MIN_VERSION} or newer is needed; ${TESTED_VERSION} was tested`,
    }
  if (silent.length > 0) return { name: 'store', ok: false, text: `${what}; ${silent.join(', ')} does not answer` }
  const known = verdict === 'known' ? '' : ` (antiphon was tested with ${TESTED_VERSION}, not with this version)`
  const called =
    namespace === undefined
      ? 'it holds no data of this folder yet'
      : `its namespace for this application is ${namespace}`
  return { name: 'store', ok: true, text: `${what}${known}; messages go in at ${ingress.join(', ')}; ${called}` }
}
