/** The program of a child that answers each message with the same. It loads nothing. */
process.on('message', (message) => process.send?.(message))
