/** The model that is always there, as provider and name, and as an id. */
export const OFFLINE = 'offline'
export const EXTRACTIVE = 'extractive'
export const EXTRACTIVE_ID = `${OFFLINE}/${EXTRACTIVE}`
