/** The warnings about dead owners, counted instead of printed. */

/** Collects the OwnerDiedWarnings from now on; other warnings go where they went. `stop` puts everything back. */
export function collectOwnerDied(): { readonly messages: string[]; stop(): Promise<void> } {
  const messages: string[] = []
  const before = process.rawListeners('warning') as ((warning: Error) => void)[]
  const listener = (warning: Error) => {
    if (warning.name === 'OwnerDiedWarning') messages.push(warning.message)
    else for (const each of before) each.call(process, warning)
  }
  process.removeAllListeners('warning')
  process.on('warning', listener)
  return {
    messages,
    stop: async () => {
      await new Promise((resolve) => setImmediate(resolve)) // they are emitted a tick late
      process.removeListener('warning', listener)
      for (const each of before) process.on('warning', each)
    },
  }
}
