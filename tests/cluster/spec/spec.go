// SPDX-License-Identifier: Apache-2.0

// Package spec says what the node asks of the program that becomes a container.
package spec

// Container is one container to be: paths are the machine's, but for Mount.To and Folder.
type Container struct {
	Layer           string   // an empty folder, for a tmpfs with all that the container writes
	Mounts          []Mount  // in this order
	ReadOnlyRoot    bool     // nothing but volumes, /run and /tmp can be written
	NoNewPrivileges bool     // as allowPrivilegeEscalation: false
	User, Group     int      // of the process; 0 and 0 leave it as it is
	Groups          []int    // further groups
	Folder          string   // where it starts
	Argv, Env       []string // the program is looked for in the PATH of Env
}

// Mount shows a file or folder of the machine in the container.
type Mount struct {
	From, To string
	ReadOnly bool
}
