/** The tool's help. */
export const usage = `Usage: sharedctypes ls | inspect NAME | rm NAME... | gc   [--json] [--help]

  ls             what this user has in /dev/shm, and anonymous segments of this user's processes
  inspect NAME   one of them, with its values
  rm NAME...     removes names. Who uses what they led to goes on using it
  gc             removes auto-named blocks (psm_...) that a dead process of this library left behind

  --json         one JSON document instead of text
  -h, --help     this

A NAME is what ls shows; what is (anonymous) goes with its processes. Exit code: 0 done, 1 something could not be done, 2 not understood.
`
