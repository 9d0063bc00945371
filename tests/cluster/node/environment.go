// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/api/v1/resource"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
	"sallyport.dev/tests/cluster/spec"
)

// Programs of images are in a folder of their own.
const imageFolder = "/image/"

const usualPath = "/image:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// command is the process of the container, not yet started; its first program is `container`, which becomes the wanted one.
func (c *container) command(ctx context.Context) (*exec.Cmd, error) {
	variables, err := c.variables(ctx)
	if err != nil {
		return nil, err
	}
	wanted := spec.Container{Layer: filepath.Join(c.pod.folder, "layers", c.spec.Name), Folder: "/"}
	if c.spec.WorkingDir != "" {
		wanted.Folder = c.spec.WorkingDir
	}
	expand := expansion.MappingFuncFor(variables)
	for _, word := range slices.Concat(c.spec.Command, c.spec.Args) {
		wanted.Argv = append(wanted.Argv, expansion.Expand(word, expand))
	}
	if program, known := c.pod.fleet.chosen.images[imageName(c.spec.Image)]; known {
		at := imageFolder + filepath.Base(program)
		wanted.Mounts = append(wanted.Mounts, spec.Mount{From: program, To: at, ReadOnly: true})
		if len(c.spec.Command) == 0 {
			wanted.Argv = append([]string{at}, wanted.Argv...)
		}
	} else if len(c.spec.Command) == 0 {
		return nil, fmt.Errorf("image %q is no program that the node was given, and the container has no command", c.spec.Image)
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		wanted.Env = append(wanted.Env, name+"="+variables[name])
	}
	c.secure(&wanted)
	if err := c.mount(&wanted, expand); err != nil {
		return nil, err
	}
	return c.process(wanted)
}

func (c *container) process(wanted spec.Container) (*exec.Cmd, error) {
	if err := os.MkdirAll(wanted.Layer, 0o755); err != nil {
		return nil, err
	}
	text, err := json.Marshal(wanted)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(c.pod.folder, c.spec.Name+".json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	command := exec.Command(c.pod.fleet.chosen.container, file)
	command.Env = []string{}
	// In a session of its own, so that a terminal's Ctrl-C is not for it.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: syscall.CLONE_NEWPID}
	return command, nil
}

// imageName is the last part of an image's name, without tag and digest: registry.example/team/shop:1.2 is "shop".
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndex(image, "/")+1:]
	image, _, _ = strings.Cut(image, ":")
	return image
}

// secure takes what the security contexts of container and pod say about users and privileges.
func (c *container) secure(wanted *spec.Container) {
	if context := c.pod.newest().Spec.SecurityContext; context != nil {
		wanted.User, wanted.Group = id(context.RunAsUser, wanted.User), id(context.RunAsGroup, wanted.Group)
		for _, group := range context.SupplementalGroups {
			wanted.Groups = append(wanted.Groups, int(group))
		}
		if context.FSGroup != nil {
			wanted.Groups = append(wanted.Groups, int(*context.FSGroup))
		}
	}
	if context := c.spec.SecurityContext; context != nil {
		wanted.User, wanted.Group = id(context.RunAsUser, wanted.User), id(context.RunAsGroup, wanted.Group)
		wanted.ReadOnlyRoot = context.ReadOnlyRootFilesystem != nil && *context.ReadOnlyRootFilesystem
		wanted.NoNewPrivileges = context.AllowPrivilegeEscalation != nil && !*context.AllowPrivilegeEscalation
	}
	if !hasUsers() {
		wanted.User, wanted.Group, wanted.Groups = 0, 0, nil
	}
}

func id(wanted *int64, otherwise int) int {
	if wanted != nil {
		return int(*wanted)
	}
	return otherwise
}

// hasUsers: a user namespace that an ordinary user made has one user, and processes of all pods are that one.
func hasUsers() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	fields := strings.Fields(string(text))
	return err == nil && len(fields) >= 3 && fields[2] != "1"
}

// variables are those of the container, in the order in which Kubernetes lets one refer to another.
func (c *container) variables(ctx context.Context) (map[string]string, error) {
	object := c.pod.newest()
	all := c.pod.fleet.serverVariables()
	all["PATH"], all["HOME"], all["HOSTNAME"] = usualPath, "/", object.Name
	for _, from := range c.spec.EnvFrom {
		values, err := c.pod.source(ctx, from)
		if err != nil {
			return nil, err
		}
		for name, value := range values {
			all[from.Prefix+name] = value
		}
	}
	for _, one := range c.spec.Env {
		value := expansion.Expand(one.Value, expansion.MappingFuncFor(all))
		if one.ValueFrom != nil {
			found, is, err := c.valueFrom(ctx, one.ValueFrom)
			if err != nil {
				return nil, fmt.Errorf("env %s: %w", one.Name, err)
			}
			if !is {
				continue
			}
			value = found
		}
		all[one.Name] = value
	}
	return all, nil
}

func (p *pod) source(ctx context.Context, from v1.EnvFromSource) (map[string]string, error) {
	values := map[string]string{}
	switch {
	case from.ConfigMapRef != nil:
		found, err := p.configMap(ctx, from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		for name, value := range found {
			values[name] = string(value)
		}
		return values, err
	case from.SecretRef != nil:
		found, err := p.secret(ctx, from.SecretRef.Name, from.SecretRef.Optional)
		for name, value := range found {
			values[name] = string(value)
		}
		return values, err
	}
	return values, nil
}

// valueFrom gives false for an optional one that is not there.
func (c *container) valueFrom(ctx context.Context, from *v1.EnvVarSource) (string, bool, error) {
	switch {
	case from.FieldRef != nil:
		value, err := c.pod.field(from.FieldRef.FieldPath)
		return value, true, err
	case from.ResourceFieldRef != nil:
		value, err := resource.ExtractContainerResourceValue(from.ResourceFieldRef, c.spec)
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		values, err := c.pod.configMap(ctx, from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Optional)
		return pick(values, from.ConfigMapKeyRef.Key, from.ConfigMapKeyRef.Optional, err)
	case from.SecretKeyRef != nil:
		values, err := c.pod.secret(ctx, from.SecretKeyRef.Name, from.SecretKeyRef.Optional)
		return pick(values, from.SecretKeyRef.Key, from.SecretKeyRef.Optional, err)
	}
	return "", false, fmt.Errorf("a valueFrom of no kind that is known")
}

func pick(values map[string][]byte, key string, optional *bool, err error) (string, bool, error) {
	value, found := values[key]
	if err == nil && !found && !isOptional(optional) {
		err = fmt.Errorf("there is no key %q", key)
	}
	return string(value), found, err
}

// field is what a fieldRef names.
func (p *pod) field(path string) (string, error) {
	object := p.newest()
	switch path {
	case "spec.nodeName":
		return object.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return object.Spec.ServiceAccountName, nil
	case "status.hostIP", "status.hostIPs":
		return internalAddress(p.node), nil
	case "status.podIP", "status.podIPs":
		return p.address, nil
	}
	return fieldpath.ExtractFieldPathAsString(object, path)
}

func isOptional(optional *bool) bool { return optional != nil && *optional }

func (p *pod) configMap(ctx context.Context, name string, optional *bool) (map[string][]byte, error) {
	found, err := p.fleet.client.CoreV1().ConfigMaps(p.newest().Namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		if apierrors.IsNotFound(err) && isOptional(optional) {
			err = nil
		}
		return nil, err
	}
	values := maps.Clone(found.BinaryData)
	if values == nil {
		values = map[string][]byte{}
	}
	for key, value := range found.Data {
		values[key] = []byte(value)
	}
	return values, nil
}

func (p *pod) secret(ctx context.Context, name string, optional *bool) (map[string][]byte, error) {
	found, err := p.fleet.client.CoreV1().Secrets(p.newest().Namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		if apierrors.IsNotFound(err) && isOptional(optional) {
			err = nil
		}
		return nil, err
	}
	return found.Data, nil
}
