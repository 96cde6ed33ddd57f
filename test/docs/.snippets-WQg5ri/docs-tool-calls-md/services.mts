export const shop = { reserve: async (item: string, key: string) => item + key }
export const bank = { pay: async (cents: number, key: string) => cents + key }
export const mail = { send: async (to: string, text: string) => void [to, text] }