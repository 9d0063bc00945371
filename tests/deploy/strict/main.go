// SPDX-License-Identifier: Apache-2.0

// Strict reads Kubernetes manifests from its standard input as the API server would with strict field validation: a field
// that the kind does not have, or that stands there twice, is an error. It prints one line for each object, and the exit
// status says whether all were right. Kinds that are not of Kubernetes itself are only named.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	failed := false
	for {
		document, err := documents.Read()
		if err == io.EOF {
			break
		}
		if err == nil {
			var line string
			if line, err = read(decoder, document); err == nil {
				fmt.Println(line)
				continue
			}
		}
		fmt.Println("error:", err)
		failed = true
	}
	if failed {
		os.Exit(1)
	}
}

func read(decoder runtime.Decoder, document []byte) (string, error) {
	_, kind, err := decoder.Decode(document, nil, nil)
	if kind == nil {
		return "", err
	}
	if runtime.IsNotRegisteredError(err) {
		return fmt.Sprintf("foreign %s %s", kind.GroupVersion(), kind.Kind), nil
	}
	return fmt.Sprintf("%s %s", kind.GroupVersion(), kind.Kind), err
}
