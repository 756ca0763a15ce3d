import tf_keras as K

L = K.layers


def block(filters, act):
    return [
        L.Conv2D(filters, 3, padding="same"),
        L.Activation(act),
        L.BatchNormalization(),
        L.MaxPool2D(2),
    ]


def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun="relu", l2_regularization=0.0):
    net = K.Sequential()
    net.add(L.InputLayer(input_shape=input_shape))

    f = n_filters
    for _ in range(n_conv_layers):
        for layer in block(f, act_fun):
            net.add(layer)
        f = f * 2

    net.add(L.Flatten())
    for _ in range(n_dense_layers):
        reg = K.regularizers.l2(l2_regularization) if l2_regularization > 0 else None
        net.add(L.Dense(n_nodes, kernel_regularizer=reg))
        net.add(L.Activation(act_fun))
        net.add(L.BatchNormalization())
        if use_dropout:
            net.add(L.Dropout(rate=0.5))
    net.add(L.Dense(10, activation="softmax"))

    net.compile(K.optimizers.Adam(learning_rate=learning_rate), loss, metrics=["accuracy"])
    return net
