// SPDX-License-Identifier: Apache-2.0

// Becomes a container's program: `container SPEC`, where SPEC is a file of JSON as package spec describes it.
//
// The node starts this in the pod's network namespace and in a process namespace of the container's own. Here it takes a mount
// namespace, puts a layer that can be written over the machine's own files, mounts the volumes into that, and becomes the program.
// The layer is gone with the namespace.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
	"sallyport.dev/tests/cluster/spec"
)

// A mount namespace is its thread's, so all is done on one.
func init() { runtime.LockOSThread() }

func main() {
	unix.CloseOnExec(report)
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: container SPEC"))
	}
	text, err := os.ReadFile(os.Args[1])
	fail(err)
	var wanted spec.Container
	fail(json.Unmarshal(text, &wanted))
	fail(enter(wanted))
	program, err := lookUp(wanted.Argv[0], wanted.Env)
	fail(err)
	fail(become(wanted))
	fail(unix.Exec(program, wanted.Argv, wanted.Env))
}

// The node reads from this until it is closed, which becoming the program does; what it reads is why that was not to be.
const report = 3

func fail(err error) {
	if err != nil {
		fmt.Fprintf(os.NewFile(report, "report"), "%v", err)
		os.Exit(128)
	}
}

// enter makes the file system and makes it the root.
func enter(wanted spec.Container) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("a mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	layer := wanted.Layer
	if err := unix.Mount("layer", layer, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("tmpfs on %s: %w", layer, err)
	}
	root := filepath.Join(layer, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("root", root, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("tmpfs on %s: %w", root, err)
	}
	machine, err := addMachine(layer, root)
	if err != nil {
		return err
	}
	if err := addSystem(root); err != nil {
		return err
	}
	for _, one := range wanted.Mounts {
		if err := bind(root, one); err != nil {
			return fmt.Errorf("mount of %s: %w", one.To, err)
		}
	}
	if wanted.ReadOnlyRoot {
		for _, at := range append(machine, root) {
			if err := makeReadOnly(at, 0); err != nil {
				return fmt.Errorf("%s as read only: %w", at, err)
			}
		}
	}
	if err := unix.Chroot(root); err != nil {
		return err
	}
	return unix.Chdir(wanted.Folder)
}

// addMachine shows the machine's folders, each below a layer that takes what is written. It gives where they are.
func addMachine(layer, root string) ([]string, error) {
	entries, err := os.ReadDir("/")
	if err != nil {
		return nil, err
	}
	var shown []string
	for _, entry := range entries {
		name, at := entry.Name(), filepath.Join(root, entry.Name())
		if entry.Type()&os.ModeSymlink != 0 {
			to, err := os.Readlink("/" + name)
			if err != nil {
				return nil, err
			}
			if err := os.Symlink(to, at); err != nil {
				return nil, err
			}
			continue
		}
		if !entry.IsDir() {
			continue
		}
		if err := os.Mkdir(at, 0o755); err != nil {
			return nil, err
		}
		switch name {
		case "proc", "sys", "dev", "run", "tmp", "lost+found":
			continue
		}
		if err := cover(layer, name, at); err != nil {
			return nil, fmt.Errorf("/%s: %w", name, err)
		}
		shown = append(shown, at)
	}
	return shown, nil
}

// cover mounts one folder with a layer over it. In a user namespace this is refused for folders with mounts below them; these
// are shown as they are, and read only.
func cover(layer, name, at string) error {
	upper, work := filepath.Join(layer, "upper-"+name), filepath.Join(layer, "work-"+name)
	for _, folder := range []string{upper, work} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
	}
	err := unix.Mount("overlay", at, "overlay", 0, "lowerdir=/"+name+",upperdir="+upper+",workdir="+work)
	if err != unix.EINVAL {
		return err
	}
	if err := unix.Mount("/"+name, at, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	return makeReadOnly(at, unix.AT_RECURSIVE)
}

// addSystem mounts what is no file of the machine: processes of this container alone, devices, and fresh /run and /tmp.
func addSystem(root string) error {
	for _, folder := range []string{"/run", "/tmp"} {
		if err := unix.Mount("fresh", filepath.Join(root, folder), "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	for _, folder := range []string{"/dev", "/sys"} {
		if err := unix.Mount(folder, filepath.Join(root, folder), "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	if err := unix.Mount("proc", filepath.Join(root, "proc"), "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("/proc: %w", err)
	}
	return nil
}

func bind(root string, one spec.Mount) error {
	at, err := place(root, one)
	if err != nil {
		return err
	}
	if err := unix.Mount(one.From, at, "", unix.MS_BIND|unix.MS_REC, ""); err != nil || !one.ReadOnly {
		return err
	}
	return makeReadOnly(at, 0)
}

// makeReadOnly changes one mount, and with AT_RECURSIVE those below it. What it forbids besides stays forbidden.
func makeReadOnly(at string, flags uint) error {
	return unix.MountSetattr(-1, at, flags, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// place gives the path below root where the mount goes; it is made when it is missing. Links such as /var/run lead inside.
func place(root string, one spec.Mount) (string, error) {
	from, err := os.Stat(one.From)
	if err != nil {
		return "", err
	}
	at := root
	for _, name := range strings.Split(strings.Trim(filepath.Clean(one.To), "/"), "/") {
		next := filepath.Join(at, name)
		if to, err := os.Readlink(next); err == nil {
			if filepath.IsAbs(to) {
				next = filepath.Join(root, to)
			} else {
				next = filepath.Join(at, to)
			}
		}
		at = next
	}
	return at, create(at, from.IsDir())
}

// create makes a folder or an empty file, with the folders above it.
func create(at string, isFolder bool) error {
	if _, err := os.Stat(at); err == nil {
		return nil
	}
	above := filepath.Dir(at)
	if err := create(above, true); err != nil {
		return err
	}
	attempt := func() error {
		if isFolder {
			return os.Mkdir(at, 0o755)
		}
		return os.WriteFile(at, nil, 0o644)
	}
	err := attempt()
	if os.IsPermission(err) {
		if err := shadow(above); err != nil {
			return err
		}
		err = attempt()
	}
	return err
}

// shadow mounts something over a folder that shows the same, and in which can be created. A user namespace needs that for folders
// of users that it does not have.
func shadow(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	beside, err := os.MkdirTemp("/tmp", "shadow")
	if err != nil {
		return err
	}
	if err := unix.Mount("shadow", beside, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	for _, entry := range entries {
		from, to := filepath.Join(folder, entry.Name()), filepath.Join(beside, entry.Name())
		if entry.Type()&os.ModeSymlink != 0 {
			target, err := os.Readlink(from)
			if err != nil {
				return err
			}
			if err := os.Symlink(target, to); err != nil {
				return err
			}
			continue
		}
		if err := create(to, entry.IsDir()); err != nil {
			return err
		}
		if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
	}
	if err := unix.Mount(beside, folder, "", unix.MS_MOVE, ""); err != nil {
		return err
	}
	return os.Remove(beside)
}

// lookUp finds the program on the PATH that it is to have.
func lookUp(name string, environment []string) (string, error) {
	for _, one := range environment {
		if path, is := strings.CutPrefix(one, "PATH="); is {
			os.Setenv("PATH", path)
		}
	}
	return exec.LookPath(name)
}

// become gives up what the pod's security context does not grant.
func become(wanted spec.Container) error {
	if wanted.NoNewPrivileges {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	if wanted.User == 0 && wanted.Group == 0 {
		return nil
	}
	if err := unix.Setgroups(wanted.Groups); err != nil {
		return err
	}
	if err := unix.Setgid(wanted.Group); err != nil {
		return err
	}
	return unix.Setuid(wanted.User)
}
