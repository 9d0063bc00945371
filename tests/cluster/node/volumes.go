// SPDX-License-Identifier: Apache-2.0
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	authentication "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/api/v1/resource"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
	"sallyport.dev/tests/cluster/spec"
)

// A token that could not be renewed is asked for again after this; there is a fifth of its time left.
const tokenRetry = 5 * time.Second

// volume is the folder of a volume; a hostPath's is the machine's own.
func (p *pod) volume(one *v1.Volume) string {
	if one.HostPath != nil {
		return one.HostPath.Path
	}
	return filepath.Join(p.folder, "volumes", one.Name)
}

// fillVolumes makes all volumes with what is to be in them. Tokens are renewed while the pod runs, the rest stays as it is.
func (p *pod) fillVolumes(ctx context.Context) error {
	object := p.newest()
	for index := range object.Spec.Volumes {
		one := &object.Spec.Volumes[index]
		if err := p.fillVolume(ctx, one); err != nil {
			return fmt.Errorf("volume %q: %w", one.Name, err)
		}
	}
	return nil
}

func (p *pod) fillVolume(ctx context.Context, one *v1.Volume) error {
	folder := p.volume(one)
	if one.HostPath != nil {
		_, err := os.Stat(folder)
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	switch {
	case one.EmptyDir != nil:
		return p.open(folder, 0o777)
	case one.Secret != nil:
		values, err := p.secret(ctx, one.Secret.SecretName, one.Secret.Optional)
		return p.fill(folder, values, one.Secret.Items, one.Secret.Optional, one.Secret.DefaultMode, err)
	case one.ConfigMap != nil:
		values, err := p.configMap(ctx, one.ConfigMap.Name, one.ConfigMap.Optional)
		return p.fill(folder, values, one.ConfigMap.Items, one.ConfigMap.Optional, one.ConfigMap.DefaultMode, err)
	case one.DownwardAPI != nil:
		return p.describe(folder, one.DownwardAPI.Items, one.DownwardAPI.DefaultMode)
	case one.Projected != nil:
		return p.project(ctx, folder, one.Projected)
	}
	return fmt.Errorf("its kind is none of emptyDir, hostPath, secret, configMap, downwardAPI and projected")
}

func (p *pod) project(ctx context.Context, folder string, wanted *v1.ProjectedVolumeSource) error {
	for _, source := range wanted.Sources {
		var err error
		switch {
		case source.Secret != nil:
			values, failed := p.secret(ctx, source.Secret.Name, source.Secret.Optional)
			err = p.fill(folder, values, source.Secret.Items, source.Secret.Optional, wanted.DefaultMode, failed)
		case source.ConfigMap != nil:
			values, failed := p.configMap(ctx, source.ConfigMap.Name, source.ConfigMap.Optional)
			err = p.fill(folder, values, source.ConfigMap.Items, source.ConfigMap.Optional, wanted.DefaultMode, failed)
		case source.DownwardAPI != nil:
			err = p.describe(folder, source.DownwardAPI.Items, wanted.DefaultMode)
		case source.ServiceAccountToken != nil:
			err = p.keepToken(ctx, filepath.Join(folder, source.ServiceAccountToken.Path), source.ServiceAccountToken, wanted.DefaultMode)
		default:
			err = fmt.Errorf("a source that is none of secret, configMap, downwardAPI and serviceAccountToken")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fill writes values, or those that the items name.
func (p *pod) fill(folder string, values map[string][]byte, items []v1.KeyToPath, optional *bool, mode *int32, err error) error {
	if err != nil {
		return err
	}
	if items == nil {
		for key := range values {
			items = append(items, v1.KeyToPath{Key: key, Path: key})
		}
	}
	for _, item := range items {
		value, found := values[item.Key]
		if !found && isOptional(optional) {
			continue
		}
		if !found {
			return fmt.Errorf("there is no key %q", item.Key)
		}
		if err := p.write(filepath.Join(folder, item.Path), value, cmp.Or(item.Mode, mode)); err != nil {
			return err
		}
	}
	return nil
}

func (p *pod) describe(folder string, items []v1.DownwardAPIVolumeFile, mode *int32) error {
	for _, item := range items {
		var value string
		var err error
		if item.FieldRef != nil {
			value, err = p.field(item.FieldRef.FieldPath)
		} else if item.ResourceFieldRef != nil {
			value, err = resource.ExtractResourceValueByContainerName(item.ResourceFieldRef, p.newest(), item.ResourceFieldRef.ContainerName)
		}
		if err != nil {
			return err
		}
		if err := p.write(filepath.Join(folder, item.Path), []byte(value), cmp.Or(item.Mode, mode)); err != nil {
			return err
		}
	}
	return nil
}

// write replaces a file whole, so that a reader sees the former or the new one.
func (p *pod) write(path string, content []byte, mode *int32) error {
	allowed := os.FileMode(0o644)
	if mode != nil {
		allowed = os.FileMode(*mode) & 0o777
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	if err := p.open(path+".new", allowed); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// open sets the mode and, where the pod has a group for its files and users differ, that group, which may read.
func (p *pod) open(path string, mode os.FileMode) error {
	if context := p.newest().Spec.SecurityContext; context != nil && context.FSGroup != nil && hasUsers() {
		if err := os.Chown(path, -1, int(*context.FSGroup)); err != nil {
			return err
		}
		mode |= mode & 0o600 >> 3
	}
	return os.Chmod(path, mode)
}

// keepToken writes a token of the pod's ServiceAccount, and another one when four fifths of its time have passed. That one is kept
// already is fine: who prepares the pod may have to begin again for the sake of something else.
func (p *pod) keepToken(ctx context.Context, path string, wanted *v1.ServiceAccountTokenProjection, mode *int32) error {
	if p.tokens[path] {
		return nil
	}
	fresh, err := p.writeToken(ctx, path, wanted, mode)
	if err != nil {
		return err
	}
	p.tokens[path] = true
	var renew func()
	renew = func() {
		if ctx.Err() != nil || p.isStopping() {
			return
		}
		fresh, err := p.writeToken(ctx, path, wanted, mode)
		if err != nil {
			object := p.newest()
			log.Printf("%s/%s: token: %v", object.Namespace, object.Name, err)
			fresh = tokenRetry
		}
		time.AfterFunc(fresh, renew)
	}
	time.AfterFunc(fresh, renew)
	return nil
}

// writeToken gives the time after which the token is to be another.
func (p *pod) writeToken(ctx context.Context, path string, wanted *v1.ServiceAccountTokenProjection, mode *int32) (time.Duration, error) {
	object := p.newest()
	request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{ExpirationSeconds: wanted.ExpirationSeconds,
		BoundObjectRef: &authentication.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: object.Name, UID: object.UID}}}
	if wanted.Audience != "" {
		request.Spec.Audiences = []string{wanted.Audience}
	}
	given, err := p.fleet.client.CoreV1().ServiceAccounts(object.Namespace).
		CreateToken(ctx, object.Spec.ServiceAccountName, request, meta.CreateOptions{})
	if err != nil {
		return 0, err
	}
	return time.Until(given.Status.ExpirationTimestamp.Time) * 4 / 5, p.write(path, []byte(given.Status.Token), mode)
}

// mount adds the container's volume mounts.
func (c *container) mount(wanted *spec.Container, expand func(string) string) error {
	object := c.pod.newest()
	for _, one := range c.spec.VolumeMounts {
		from := ""
		for index := range object.Spec.Volumes {
			if object.Spec.Volumes[index].Name == one.Name {
				from = c.pod.volume(&object.Spec.Volumes[index])
			}
		}
		below := one.SubPath
		if one.SubPathExpr != "" {
			below = expansion.Expand(one.SubPathExpr, expand)
		}
		if below != "" {
			from = filepath.Join(from, below)
			if _, err := os.Stat(from); os.IsNotExist(err) {
				if err := os.MkdirAll(from, 0o777); err != nil {
					return err
				}
			}
		}
		wanted.Mounts = append(wanted.Mounts, spec.Mount{From: from, To: one.MountPath, ReadOnly: one.ReadOnly})
	}
	return nil
}
